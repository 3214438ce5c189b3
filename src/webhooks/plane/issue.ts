import { z } from "zod";
import type { IssueAction } from "../../domain/events.js";
import type { Fleet } from "../../domain/fleet.js";
import { event, ignored, NO_TIME, type Reading, sameName, shaped, shortened } from "../reading.js";
import type { PlaneAction } from "./event.js";
import { inPlaneProject, OUR_SOURCE, referenceSchema } from "./project.js";

const personSchema = z.union([
  z.string(),
  z.object({
    id: z.string().nullish(),
    email: z.string().nullish(),
    display_name: z.string().nullish(),
  }),
]);

const dataSchema = z.object({
  id: z.string(),
  project: referenceSchema,
  name: z.string().nullish(),
  sequence_id: z.int().nullish(),
  state: z.union([z.string(), z.object({ group: z.string().nullish() })]).nullish(),
  assignees: z.array(personSchema).nullish(),
  updated_at: z.string().nullish(),
  external_source: z.string().nullish(),
});

const activitySchema = z
  .object({ field: z.string().nullish(), actor: personSchema.nullish() })
  .nullish();
const bodySchema = z.object({ data: dataSchema, activity: activitySchema });
/** Of something deleted little more than the id is left. */
const deletedBodySchema = z.object({
  data: dataSchema.extend({ project: referenceSchema.nullish() }),
  activity: activitySchema,
});

/** `issue`: a work item created, deleted, or one field of it changed (one delivery each). */
export function readPlaneIssue(body: unknown, fleet: Fleet, action: PlaneAction): Reading {
  const schema = action === "deleted" ? deletedBodySchema : bodySchema;
  return shaped(schema, body, ({ data, activity }) =>
    inPlaneProject(fleet, data.project, (project) => {
      if (data.external_source === OUR_SOURCE) return ignored("it is our own");
      if (isOurMove(activity, fleet.bot)) return ignored("it was sent by the bot itself");
      const assigned = (data.assignees ?? []).some((person) => isBot(person, fleet.bot));
      const open = !isFinished(data.state);
      const said = actionOf(action, activity?.field, assigned, open);
      if (said === null) return ignored(`a change of ${activity?.field?.slice(0, 64)} is not used`);
      return event({
        kind: "issue",
        project: project.name,
        tracker: "plane",
        action: said,
        number: data.sequence_id ?? 0,
        planeId: data.id,
        title: shortened(data.name ?? ""),
        url: null,
        assigned,
        open: open && action !== "deleted",
        updatedAt: data.updated_at ?? NO_TIME,
      });
    }),
  );
}

/** Moving an issue on the board is what we do there ourselves; everything else people do. */
function isOurMove(activity: z.infer<typeof activitySchema>, bot: string): boolean {
  const moved = /^state(_id)?$/.test(activity?.field ?? "");
  return moved && activity?.actor != null && isBot(activity.actor, bot);
}

/** Plane's action and changed field as one of Gitea's actions; null: a field we don't use. */
function actionOf(
  action: PlaneAction,
  field: string | null | undefined,
  assigned: boolean,
  open: boolean,
): IssueAction | null {
  if (action === "created") return "opened";
  if (action === "deleted") return "deleted";
  // Old servers say only that something changed: whoever takes the job looks.
  if (!field) return "edited";
  if (/^(name|parent(_id)?|description(_\w+)?)$/.test(field)) return "edited";
  if (/^assignee(s|_ids?)?$/.test(field)) return assigned ? "assigned" : "unassigned";
  if (/^state(_id)?$/.test(field)) return open ? "edited" : "closed";
  return null;
}

function isFinished(state: z.infer<typeof dataSchema>["state"]): boolean {
  const group = typeof state === "object" ? state?.group : undefined;
  return group === "completed" || group === "cancelled";
}

function isBot(person: z.infer<typeof personSchema>, bot: string): boolean {
  if (typeof person === "string") return sameName(person, bot);
  return [person.display_name, person.email, person.id].some((name) => sameName(name, bot));
}
