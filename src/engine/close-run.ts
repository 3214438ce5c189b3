import { providerOf } from "../domain/fleet.js";
import { pauseEnd, pauseReason } from "../domain/pause.js";
import { priced } from "../domain/price.js";
import type { RunRecord } from "../domain/run.js";
import { type RunEnd, runEnded, runEndedLate } from "../domain/run-ended.js";
import type { WorkItem } from "../domain/work-item.js";
import { admit } from "./admission.js";
import { driveOutbox } from "./outbox.js";
import { modelOf, settleRun } from "./run-budget.js";
import { type Assignment, causeNow, type RunDeps } from "./run-deps.js";
import { RUN_LEASE_MS } from "./slots.js";

/**
 * Records how a run ended and carries out what follows: the one place where an ending is written.
 * Returns the item as the end left it; null: the item had moved on, and only what the run used counts.
 */
export async function closeRun(
  deps: RunDeps,
  assignment: Assignment,
  end: RunEnd,
): Promise<WorkItem | null> {
  const { item, run } = assignment;
  const report = priced(end.report, modelOf(deps, assignment));
  // Before the end is recorded: a worker that dies in between leaves a run that is settled already.
  await settleRun(deps, assignment, report);
  const known = await withPause(deps, assignment, { ...end, report });
  const cause = causeNow(deps, `end-${run.id}`, `run ${run.id}`);
  const cap = deps.fleet.limits.developerRuns;
  const ended = await deps.items.transition(item.id, (now) =>
    runEnded(now, run.id, known, cause, cap),
  );
  if (ended !== null) {
    await driveOutbox(deps, item.id);
    return ended.item;
  }
  const record = (await deps.items.runs(item.id)).find(({ id }) => id === run.id);
  // Written, the answer lost, and others wrote before it was sent again.
  const isOwn = record?.ending === known.ending && record.finishedAt === cause.at;
  if (!isOwn) await closeLate(deps, assignment, record, known);
  await driveOutbox(deps, item.id);
  return isOwn ? itemStillOf(deps, assignment) : null;
}

/** Null: it has moved on. */
async function itemStillOf(
  { items }: RunDeps,
  { item, run }: Assignment,
): Promise<WorkItem | null> {
  const now = await items.find(item.id);
  return now?.run?.id === run.id ? now : null;
}

/** Before the end is recorded: a worker that dies in between must not let others run into the limit. */
async function withPause(
  deps: RunDeps,
  { item, settings }: Assignment,
  end: RunEnd,
): Promise<RunEnd> {
  if (end.ending !== "limited") return end;
  const provider = providerOf(deps.fleet, settings, item.metadata.assignedAgent);
  const now = deps.clock();
  const until = pauseEnd(end.limitedUntil ?? now, now, Math.random());
  const paused = await deps.slots.pause(provider, until, now);
  return { ...end, reason: pauseReason(provider, paused) };
}

/** Others closed the record: its usage counts, and the slot it occupied is free at last, or its successor's. */
async function closeLate(
  deps: RunDeps,
  { item, run }: Assignment,
  record: RunRecord | undefined,
  end: RunEnd,
): Promise<void> {
  const cause = causeNow(deps, `late-${run.id}`, `run ${run.id}`);
  if (record !== undefined) {
    await deps.items.transition(item.id, (now) => runEndedLate(now, record, end, cause));
  }
  const now = await deps.items.find(item.id);
  if (now?.version === run.version && now.run?.ending === null) {
    await deps.slots.hold(item.id, run.version, deps.clock(), RUN_LEASE_MS, now.run.id);
    return;
  }
  await deps.slots.release(item.id, run.version, run.id);
  await admit(deps);
}
