import { type IssueKey, issueKey } from "../domain/issue.js";
import { startRefusal } from "../domain/run-life.js";
import type { WorkItem } from "../domain/work-item.js";
import { admit, becomeReady, joinReady } from "./admission.js";
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
    const afterwards = () => promoteIfMet(deps, item, job.blocker);
    return { kind: "parked", reason: `${job.blocker} is not done`, afterwards };
  }
  if (unmet.length === 0) {
    await becomeReady(deps, item, deps.flows.slotJob(item.id, item.version));
  }
  return { kind: "finished", note: `${job.blocker} is met` };
}

/** A blocker that was met while its edge was looked at found nothing parked to promote. */
async function promoteIfMet(deps: OutboxDeps, item: WorkItem, blocker: IssueKey): Promise<void> {
  if ((await deps.graph.unmet(issueKey(item.issue))).includes(blocker)) return;
  await deps.flows.promote(deps.flows.edgeJob(item.id, item.version, blocker));
}

/** A slot job: done when its version holds a slot, else it parks again. */
export async function checkSlot(
  deps: OutboxDeps,
  job: { item: string; version: number },
): Promise<JobOutcome> {
  const [item, holds] = await Promise.all([
    deps.items.find(job.item),
    deps.slots.hold(job.item, job.version, deps.clock(), GRANT_LEASE_MS),
  ]);
  if (item === null || item.version !== job.version) {
    // A grant on its way while the version was replaced would keep the slot until its lease ends.
    await deps.slots.release(job.item, job.version);
    await admit(deps);
    return stale("the version was replaced");
  }
  if (holds) return { kind: "finished", note: "holds a slot" };
  // A slot granted while this was looked at found nothing parked to promote.
  return { kind: "parked", reason: "no slot is free", afterwards: () => admit(deps) };
}

/**
 * A run's job that is at work without a slot parks until it has one. Its item joins the ready before,
 * so that a process that dies in between leaves a grant, and not a job nobody knows of.
 */
export async function parkUntilSlot(
  deps: OutboxDeps,
  item: WorkItem,
  reason: string,
): Promise<JobOutcome> {
  await joinReady(deps, item, deps.flows.runJob(item.id, item.version));
  const afterwards = async () => {
    // One that moved on meanwhile found nothing to take out of the ready.
    const now = await deps.items.find(item.id);
    if (startRefusal(now, item.version) !== null) {
      await deps.slots.release(item.id, item.version);
    }
    await admit(deps);
  };
  return { kind: "parked", reason, afterwards };
}
