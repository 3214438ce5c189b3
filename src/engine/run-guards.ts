import { hasDeveloperRunLeft } from "../domain/decision.js";
import { projectNamed, providerOf, stepOf } from "../domain/fleet.js";
import type { IssueKey } from "../domain/issue.js";
import { replanned } from "../domain/item-life.js";
import { pausedBeforeStart, pauseReason } from "../domain/pause.js";
import { closedUnfinished } from "../domain/run.js";
import { startRefusal } from "../domain/run-life.js";
import type { WorkItem } from "../domain/work-item.js";
import { admit } from "./admission.js";
import { settleClosed } from "./budget.js";
import { type JobOutcome, stale } from "./jobs.js";
import { driveOutbox } from "./outbox.js";
import { parkUntilSlot } from "./parked.js";
import { causeNow, type RunDeps } from "./run-deps.js";

/** A provider that admits nobody until then, ms since epoch. */
interface Pause {
  readonly provider: string;
  readonly until: number;
}

/** Of the provider whose model the item's agent would use; null: it is open. */
export async function pauseOf(deps: RunDeps, item: WorkItem): Promise<Pause | null> {
  const provider = providerOfItem(deps, item);
  const until = provider === null ? null : await deps.slots.pausedUntil(provider);
  return provider === null || until === null ? null : { provider, until };
}

/**
 * The first reason why a run that holds its slot doesn't start, before its record is opened: what
 * becomes of its job, the slot given back. Null: it starts.
 */
export async function keptFromStarting(
  deps: RunDeps,
  item: WorkItem,
  pause: Pause | null,
): Promise<JobOutcome | null> {
  return (await withinCap(deps, item)) ?? (pause === null ? null : waitOut(deps, item, pause));
}

/** A retry in the board may not start what the cap forbids: only an approver's `/retry` grants more. */
async function withinCap(deps: RunDeps, item: WorkItem): Promise<JobOutcome | null> {
  const role = stepOf(deps.fleet, item)?.agent;
  if (role !== "developer" || hasDeveloperRunLeft(item, deps.fleet.limits.developerRuns)) {
    return null;
  }
  await giveBack(deps, item);
  await admit(deps);
  const reason = `all developer runs of ${item.id} are spent; an approver's /retry grants one more`;
  return { kind: "failed", reason };
}

/** A pause that began after the slot was granted. */
async function waitOut(
  deps: RunDeps,
  item: WorkItem,
  { provider, until }: Pause,
): Promise<JobOutcome> {
  const reason = pauseReason(provider, until);
  await giveBack(deps, item);
  await deps.items.transition(item.id, (now) => {
    // What it stood at is part of the id: it may be told of the same pause again, when it went on since.
    const id = `pause-${until}-${Date.parse(now.updatedAt)}`;
    const cause = causeNow(deps, id, `the pause of ${provider}`);
    return pausedBeforeStart(now, item.version, reason, cause);
  });
  if (item.run !== null) await settleClosed(deps, item, item.version);
  await driveOutbox(deps, item.id);
  return parkUntilSlot(deps, item, reason);
}

function providerOfItem(deps: RunDeps, item: WorkItem): string | null {
  const role = stepOf(deps.fleet, item)?.agent;
  const project = projectNamed(deps.fleet, item.project);
  const settings = role === undefined ? undefined : project?.agents[role];
  if (settings === undefined) return null;
  return providerOf(deps.fleet, settings, item.metadata.assignedAgent);
}

/** Also a slot that a run of a dead worker occupied: its job, and so the slot, is ours now. */
function giveBack(deps: RunDeps, item: WorkItem): Promise<void> {
  return deps.slots.release(item.id, item.version, item.run?.id);
}

/**
 * The job started though a blocker is open: an edge came late, or its job was removed by hand. The
 * job can't wait for it, so the item waits in a new flow, whatever its status was.
 */
export async function waitAnew(
  deps: RunDeps,
  seen: WorkItem,
  unmet: readonly IssueKey[],
): Promise<JobOutcome> {
  const reason = `${unmet.join(", ")} must be done first`;
  await deps.items.transition(seen.id, (item) => {
    if (startRefusal(item, seen.version) !== null) return null;
    const cause = causeNow(deps, `unmet-v${item.version}`, `run of version ${item.version}`);
    // An open record is of a worker that died: nobody is at work.
    const runs = closedUnfinished(item.run, "superseded", "its worker was lost", cause.at);
    const idle = { ...item, status: "waiting", run: runs[0] ?? item.run } as const;
    const planned = replanned(idle, cause);
    return planned && { ...planned, runs };
  });
  await driveOutbox(deps, seen.id);
  return stale(reason);
}
