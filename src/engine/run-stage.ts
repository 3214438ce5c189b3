import { modelKey, projectNamed, stepOf } from "../domain/fleet.js";
import { issueKey } from "../domain/issue.js";
import { replanned } from "../domain/item-life.js";
import {
  failureToRepeat,
  type JobStart,
  runId,
  runStarted,
  startRefusal,
} from "../domain/run-life.js";
import type { WorkItem } from "../domain/work-item.js";
import { admit } from "./admission.js";
import { settleClosed } from "./budget.js";
import { keptByBudget } from "./budget-guard.js";
import { closeRun } from "./close-run.js";
import { type JobOutcome, stale } from "./jobs.js";
import { driveOutbox } from "./outbox.js";
import { parkUntilSlot } from "./parked.js";
import { type Assignment, causeNow, type RunDeps } from "./run-deps.js";
import { masked, outcomeOf } from "./run-end.js";
import { keptFromStarting, pauseOf, waitAnew } from "./run-guards.js";
import { workOn } from "./run-work.js";
import { RUN_LEASE_MS } from "./slots.js";

/**
 * Runs the agent of one version of an item, once: checks in the store that the version is current,
 * its edges are met and its slot is held, works on the branch, and records how it ended.
 */
export async function runStage(
  deps: RunDeps,
  job: { item: string; version: number },
  signal: AbortSignal,
  start: JobStart,
): Promise<JobOutcome> {
  const [item, holdsSlot] = await Promise.all([
    deps.items.find(job.item),
    deps.slots.hold(job.item, job.version, deps.clock(), RUN_LEASE_MS),
  ]);
  const refusal = startRefusal(item, job.version);
  if (item === null || refusal !== null) return nobodyStarts(deps, job, refusal);
  // Its worker may have died between making the branch and planning anew.
  if (await planWithPullRequest(deps, item)) return stale("its pull request is opened first");
  const failure = failureToRepeat(item, start);
  if (failure !== null) return failAgain(deps, item, failure);
  const [unmet, pause] = await Promise.all([
    deps.graph.unmet(issueKey(item.issue)),
    pauseOf(deps, item),
  ]);
  if (unmet.length > 0) return waitAnew(deps, item, unmet);
  if (!holdsSlot) return parkUntilSlot(deps, item, "no slot is held");
  const kept = await keptFromStarting(deps, item, pause);
  if (kept !== null) return kept;
  const assignment = await takeOn(deps, item, start);
  if (assignment === null) return moveAside(deps, item);
  const over = await keptByBudget(deps, assignment);
  if (over !== null) return over;
  return carryThrough(deps, assignment, signal);
}

/**
 * A slot that was granted while the version was replaced, or that a run occupied whose worker died,
 * would be kept until its lease ends. Whoever holds the job knows that no run of its version lives.
 */
async function nobodyStarts(
  deps: RunDeps,
  job: { item: string; version: number },
  refusal: string | null,
): Promise<JobOutcome> {
  const runs = await deps.items.runs(job.item);
  const last = runs.findLast(({ version }) => version === job.version);
  await giveUpTurn(deps, job, last?.id);
  return stale(refusal ?? "there is no such item");
}

/** Slot and place among the ready, whether a run occupied the slot or none came to. */
async function giveUpTurn(
  deps: RunDeps,
  { item, version }: { item: string; version: number },
  run: string | undefined,
): Promise<void> {
  await deps.slots.release(item, version);
  if (run !== undefined) await deps.slots.release(item, version, run);
  await admit(deps);
}

/** Its worker died before the job could fail; what the end brought may still be owed. */
async function failAgain(deps: RunDeps, item: WorkItem, reason: string): Promise<JobOutcome> {
  await driveOutbox(deps, item.id);
  await giveUpTurn(deps, { item: item.id, version: item.version }, item.run?.id);
  return { kind: "failed", reason };
}

/** The item moved on: its slot is given back, unless another run occupies it. */
async function moveAside(deps: RunDeps, item: WorkItem): Promise<JobOutcome> {
  await deps.slots.release(item.id, item.version, item.run?.id);
  await admit(deps);
  return stale("another worker changed the item");
}

/** Opens the run's record; null if the item moved on in the meantime. */
async function takeOn(deps: RunDeps, seen: WorkItem, start: JobStart): Promise<Assignment | null> {
  const project = projectNamed(deps.fleet, seen.project);
  const role = stepOf(deps.fleet, seen)?.agent;
  const settings = role === undefined ? undefined : project?.agents[role];
  if (project === undefined || role === undefined || settings === undefined) return null;
  const model = modelKey(settings, seen.metadata.assignedAgent);
  const started = await deps.items.transition(
    seen.id,
    (item) => {
      if (startRefusal(item, seen.version) !== null) return null;
      const id = runId(item, (item.run?.attempt ?? 0) + 1);
      return runStarted(item, role, model, causeNow(deps, `start-${id}`, `run ${id}`), start);
    },
    seen,
  );
  const run = started?.item.run;
  if (started == null || run == null) return null;
  if (run.attempt > 1) await settleClosed(deps, started.item, run.version);
  await driveOutbox(deps, seen.id);
  return { item: started.item, run, project, settings };
}

async function carryThrough(
  deps: RunDeps,
  assignment: Assignment,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { item, run } = assignment;
  const log = deps.log.child({ item: item.id, run: run.id, stage: item.stage });
  log.info({ role: run.role, attempt: run.attempt }, "run starts");
  const end = masked(await workOn(deps, assignment, signal), deps.mask);
  const ended = await closeRun(deps, assignment, end);
  log.info(
    { ending: end.ending, reason: ended?.run?.reason ?? end.reason, recorded: ended !== null },
    "run ended",
  );
  if (ended === null) return stale("the run was taken over or cancelled");
  const opened = item.head === null && (await planWithPullRequest(deps, ended));
  return opened ? stale(end.reason) : outcomeOf(deps, ended, run.version);
}

/** Its first start only made the branch: a new version waits for the pull request, then for its agent. */
async function planWithPullRequest(
  deps: RunDeps,
  { id, version, run }: WorkItem,
): Promise<boolean> {
  if (run?.ending !== "superseded" || run.commitAfter === null) return false;
  const cause = causeNow(deps, `branch-of-${run.id}`, `run ${run.id}`);
  const anew = await deps.items.transition(id, (item) =>
    item.version === version ? replanned(item, cause) : null,
  );
  if (anew !== null) await driveOutbox(deps, id);
  return anew !== null;
}
