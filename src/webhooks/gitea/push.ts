import { z } from "zod";
import type { Fleet } from "../../domain/fleet.js";
import { event, ignored, type Reading, sameName, shaped } from "../reading.js";
import { inProject, repositorySchema, senderSchema } from "./repository.js";

const BRANCH = "refs/heads/";

const pushSchema = z.object({
  ref: z.string(),
  before: z.string(),
  after: z.string(),
  repository: repositorySchema,
  sender: senderSchema,
  pusher: senderSchema,
});

/** `push` of a branch. The trackers' test delivery is one too, with `before` equal to `after`. */
export function readPush(body: unknown, fleet: Fleet): Reading {
  return shaped(pushSchema, body, ({ ref, before, after, repository, sender, pusher }) =>
    inProject(fleet, repository, (project) => {
      if (!ref.startsWith(BRANCH)) return ignored("what was pushed is not a branch");
      if ([sender, pusher].some((user) => sameName(user?.login, fleet.bot))) {
        return ignored("the push is the bot's own");
      }
      return event({
        kind: "push",
        project: project.name,
        tracker: "gitea",
        branch: ref.slice(BRANCH.length),
        before,
        after,
      });
    }),
  );
}

const deleteSchema = z.object({
  ref: z.string(),
  ref_type: z.enum(["branch", "tag"]),
  // A `create` has the same fields and this one.
  sha: z.never().optional(),
  repository: repositorySchema,
});

/** `delete`: a branch vanished; the forge sends no push for it. */
export function readDelete(body: unknown, fleet: Fleet): Reading {
  return shaped(deleteSchema, body, ({ ref, ref_type, repository }) =>
    inProject(fleet, repository, (project) => {
      if (ref_type !== "branch") return ignored("what was deleted is not a branch");
      const branch = ref.startsWith(BRANCH) ? ref.slice(BRANCH.length) : ref;
      return event({ kind: "branch-deleted", project: project.name, tracker: "gitea", branch });
    }),
  );
}
