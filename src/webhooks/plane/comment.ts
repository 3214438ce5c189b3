import { z } from "zod";
import type { Fleet } from "../../domain/fleet.js";
import { event, ignored, type Reading, shaped, shortened } from "../reading.js";
import type { PlaneAction } from "./event.js";
import { textOfHtml } from "./html-text.js";
import { idOf, inPlaneProject, OUR_SOURCE, referenceSchema } from "./project.js";

const actorSchema = z.object({ id: z.string().nullish(), email: z.string().nullish() });

const bodySchema = z.object({
  data: z.object({
    id: z.string(),
    issue: referenceSchema,
    project: referenceSchema,
    comment_html: z.string().nullish(),
    created_at: z.string().nullish(),
    actor: referenceSchema.nullish(),
    external_source: z.string().nullish(),
  }),
  activity: z.object({ actor: actorSchema.nullish() }).nullish(),
});

/** `issue_comment`: only new ones act, and none that carries our mark. */
export function readPlaneComment(body: unknown, fleet: Fleet, action: PlaneAction): Reading {
  return shaped(bodySchema, body, ({ data, activity }) =>
    inPlaneProject(fleet, data.project, (project) => {
      if (action !== "created") return ignored(`comment action ${action} is not used`);
      if (data.external_source === OUR_SOURCE) return ignored("the comment is our own");
      return event({
        kind: "comment",
        project: project.name,
        tracker: "plane",
        commentId: data.id,
        number: null,
        planeId: idOf(data.issue),
        onPullRequest: false,
        author: authorNames(data.actor, activity?.actor),
        at: data.created_at ?? undefined,
        text: shortened(textOfHtml(data.comment_html ?? "")),
      });
    }),
  );
}

/**
 * E-mail and id of who wrote it. Never the display name: everybody chooses their own. Who caused the
 * delivery lends the e-mail only if they are the author.
 */
function authorNames(
  author: z.infer<typeof referenceSchema> | null | undefined,
  actor: z.infer<typeof actorSchema> | null | undefined,
): string[] {
  const id = author ? idOf(author) : (actor?.id ?? null);
  const email = actor && (actor.id ?? null) === id ? actor.email : null;
  return [email, id].filter((name) => typeof name === "string").filter((name) => name !== "");
}
