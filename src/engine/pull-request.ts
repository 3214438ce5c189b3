import { type Fleet, projectNamed, stepOf } from "../domain/fleet.js";
import { jobIds } from "../domain/ids.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Notification } from "./flows.js";

/**
 * The pull request that is open before this version's stage is worked on: a reviewer, or the people
 * whose review a gate awaits, look at it. Null: the stage needs none, or there is nothing to open
 * one from.
 */
export function pullRequestFirst(fleet: Fleet, item: WorkItem): Notification | null {
  const step = stepOf(fleet, item);
  const isLookedAt = step?.agent === "reviewer" || step?.gate === "review-approved";
  const repo = projectNamed(fleet, item.project)?.repo ?? null;
  if (!isLookedAt || repo === null || item.head === null) return null;
  return {
    address: item.issue,
    project: item.project,
    item: item.id,
    effect: { id: jobIds.pullRequest(item.id, item.version), kind: "pull-request" },
  };
}

/** Is it the pull request that the item's present version waits for? */
export function isForVersionOf(item: WorkItem, { effect }: Notification): boolean {
  return effect.id === jobIds.pullRequest(item.id, item.version);
}
