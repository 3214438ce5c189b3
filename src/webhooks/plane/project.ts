import { z } from "zod";
import type { Fleet, Project } from "../../domain/fleet.js";
import { ignored, type Reading, sameName } from "../reading.js";

/** What we post carries this, so that it is known when it comes back. */
export const OUR_SOURCE = "stagecoach";

/** Plane sends ids, or objects with one, depending on version and serializer. */
export const referenceSchema = z.union([z.string(), z.object({ id: z.string() })]);

export function idOf(reference: z.infer<typeof referenceSchema>): string {
  return typeof reference === "string" ? reference : reference.id;
}

/** Goes on with the configured project of a Plane project's id, or ignores what comes from elsewhere. */
export function inPlaneProject(
  fleet: Fleet,
  reference: z.infer<typeof referenceSchema> | null | undefined,
  read: (project: Project) => Reading,
): Reading {
  if (reference === null || reference === undefined) return ignored("no project is named");
  const id = idOf(reference);
  const project = fleet.projects.find(({ plane }) => sameName(plane?.project, id));
  return project === undefined
    ? ignored(`Plane project ${id.slice(0, 64)} is not configured`)
    : read(project);
}
