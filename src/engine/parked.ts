import { issueKey } from "../domain/issue.js";
import { becomeReady } from "./admission.js";
import { type JobOutcome, stale } from "./jobs.js";
import type { OutboxDeps } from "./outbox.js";
import { GRANT_LEASE_MS } from "./slots.js";

/**
 * An edge job: done when its blocker is met, else it parks again, so that promoting it by hand only
 * makes it look. The last one to be met brings the item into the ready set.
 */
export async function checkEdge(
  deps: OutboxDeps,
  job: { item: string; version: number; blocker: string },
): Promise<JobOutcome> {
  const item = await deps.items.find(job.item);
  if (item === null || item.version !== job.version) return stale("the version was replaced");
  const unmet = await deps.graph.unmet(issueKey(item.issue));
  if (unmet.includes(job.blocker)) {
    return { kind: "parked", reason: `${job.blocker} is not done` };
  }
  if (unmet.length === 0) {
    await becomeReady(deps, item, deps.flows.slotJob(item.id, item.version));
  }
  return { kind: "finished", note: `${job.blocker} is met` };
}

/** A slot job: done when its version holds a slot, else it parks again. */
export async function checkSlot(
  deps: OutboxDeps,
  job: { item: string; version: number },
): Promise<JobOutcome> {
  const item = await deps.items.find(job.item);
  if (item === null || item.version !== job.version) return stale("the version was replaced");
  if (await deps.slots.hold(job.item, job.version, deps.clock(), GRANT_LEASE_MS)) {
    return { kind: "finished", note: "holds a slot" };
  }
  return { kind: "parked", reason: "no slot is free" };
}
