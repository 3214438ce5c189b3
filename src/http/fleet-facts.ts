import type { Fleet } from "../domain/fleet.js";
import type { WorkItem } from "../domain/work-item.js";

/** What the pages say of the fleet's settings. */
export interface FleetFacts {
  readonly bot: string;
  readonly projects: readonly { readonly name: string; readonly repo: string | null }[];
  readonly limits: Fleet["limits"];
}

/** `owner/repo` of an item; null where its project lives in Plane alone. */
export function repoOf(
  fleet: FleetFacts,
  item: Pick<WorkItem, "issue" | "project">,
): string | null {
  if (item.issue.tracker === "gitea") return item.issue.repo;
  return fleet.projects.find((project) => project.name === item.project)?.repo ?? null;
}
