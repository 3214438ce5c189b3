import { z } from "zod";
import type { Fleet } from "../../domain/fleet.js";
import {
  event,
  ignored,
  malformed,
  type Reading,
  sameName,
  shaped,
  shortened,
} from "../reading.js";
import { inProject, repositorySchema, senderSchema } from "./repository.js";

const bodySchema = z.object({
  action: z.string(),
  issue: z.object({ number: z.int(), pull_request: z.looseObject({}).nullish() }),
  comment: z.object({
    id: z.union([z.int(), z.string()]),
    body: z.string().nullish(),
    created_at: z.string().nullish(),
    user: senderSchema,
  }),
  is_pull: z.boolean().nullish(),
  repository: repositorySchema,
  sender: senderSchema,
});

/** `issue_comment`, on issues and pull requests. `routedBy` may claim the latter; the body decides. */
export function readComment(body: unknown, fleet: Fleet, routedBy: string): Reading {
  return shaped(bodySchema, body, ({ action, issue, comment, is_pull, repository, sender }) => {
    const onPullRequest = is_pull ?? Boolean(issue.pull_request);
    if (routedBy === "pull_request_comment" && !onPullRequest) {
      return malformed("is_pull: the comment is not on a pull request");
    }
    return inProject(fleet, repository, (project) => {
      if (action !== "created") return ignored(`comment action ${action.slice(0, 64)} is not used`);
      const authors = [comment.user?.login, sender?.login].filter((login) => login !== undefined);
      if (authors.some((login) => sameName(login, fleet.bot))) {
        return ignored("the comment is the bot's own");
      }
      return event({
        kind: "comment",
        project: project.name,
        tracker: "gitea",
        commentId: String(comment.id),
        number: issue.number,
        planeId: null,
        onPullRequest,
        author: authors.slice(0, 1),
        at: comment.created_at ?? undefined,
        text: shortened(comment.body ?? ""),
      });
    });
  });
}
