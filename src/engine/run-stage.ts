import { artifactsFolder } from "../domain/artifacts.js";
import { hasDeveloperRunLeft } from "../domain/decision.js";
import type { AgentSettings, Project } from "../domain/fleet.js";
import { modelKey, projectNamed, stepOf } from "../domain/fleet.js";
import { type IssueKey, issueKey } from "../domain/issue.js";
import { replanned } from "../domain/item-life.js";
import { EMPTY_REPORT, type RunRecord, spendsDeveloperRun } from "../domain/run.js";
import {
  type RunEnd,
  runEnded,
  runId,
  runStarted,
  STARTS_WITHOUT_ENDING,
  startRefusal,
} from "../domain/run-life.js";
import type { Role, WorkStage } from "../domain/stage.js";
import type { Cause } from "../domain/transition.js";
import type { WorkItem } from "../domain/work-item.js";
import { admit, becomeReady } from "./admission.js";
import { blockerBranches } from "./blocker-branches.js";
import { type JobOutcome, stale } from "./jobs.js";
import { driveOutbox, type OutboxDeps } from "./outbox.js";
import { type Ownership, type OwnershipDeps, watchOwnership } from "./ownership.js";
import { endOf, endOfFault, outcomeOf, unknownRunner } from "./run-end.js";
import type { Runners } from "./runner.js";
import { RUN_LEASE_MS } from "./slots.js";
import type { Checkout, Workspace } from "./workspace.js";

export interface PromptRequest {
  readonly role: Role;
  readonly item: WorkItem;
  readonly project: Project;
  readonly task: string;
  readonly takenOut: Readonly<Record<string, string>>;
  /** Which run of this role this is, from 1. */
  readonly round: number;
  readonly developerRunCap: number;
}

export interface RunDeps extends OutboxDeps, OwnershipDeps {
  readonly workspace: Workspace;
  readonly runners: Runners;
  readonly renderPrompt: (request: PromptRequest) => string;
  /** Takes a run's output; masks and caps it. */
  readonly openLog: (run: string) => RunLog;
}

export interface RunLog {
  write(chunk: string): void;
  close(): Promise<void>;
}

interface Assignment {
  readonly item: WorkItem;
  readonly run: RunRecord;
  readonly project: Project;
  readonly settings: AgentSettings;
}

/**
 * Runs the agent of one version of an item, once: checks in the store that the version is current,
 * its edges are met and its slot is held, works on the branch, and records how it ended.
 */
export async function runStage(
  deps: RunDeps,
  job: { item: string; version: number },
  signal: AbortSignal,
): Promise<JobOutcome> {
  const item = await deps.items.find(job.item);
  const refusal = startRefusal(item, job.version);
  if (item === null || refusal !== null) return stale(refusal ?? "there is no such item");
  const unmet = await deps.graph.unmet(issueKey(item.issue));
  if (unmet.length > 0) return waitAnew(deps, item, unmet);
  if (!(await deps.slots.hold(item.id, item.version, deps.clock(), RUN_LEASE_MS))) {
    const runJob = deps.flows.runJob(item.id, item.version);
    const afterwards = () => becomeReady(deps, item, runJob);
    return { kind: "parked", reason: "no slot is held", afterwards };
  }
  if (isCapSpent(deps, item)) return refuseSpent(deps, item);
  const assignment = await takeOn(deps, item);
  if (assignment === null) return stale("another worker changed the item");
  return carryThrough(deps, assignment, signal);
}

/** A retry in the board may not start what the cap forbids: only an approver's `/retry` grants more. */
function isCapSpent(deps: RunDeps, item: WorkItem): boolean {
  const role = stepOf(deps.fleet, item)?.agent;
  return role === "developer" && !hasDeveloperRunLeft(item, deps.fleet.limits.developerRuns);
}

async function refuseSpent(deps: RunDeps, item: WorkItem): Promise<JobOutcome> {
  await deps.slots.release(item.id, item.version);
  await admit(deps);
  const reason = `all developer runs of ${item.id} are spent; an approver's /retry grants one more`;
  return { kind: "failed", reason };
}

/**
 * The job started though a blocker is open: an edge came late, or its job was removed by hand. The
 * job can't wait for it, so the item waits in a new flow, whatever its status was.
 */
async function waitAnew(
  deps: RunDeps,
  seen: WorkItem,
  unmet: readonly IssueKey[],
): Promise<JobOutcome> {
  const reason = `${unmet.join(", ")} must be done first`;
  await deps.items.transition(seen.id, (item) => {
    if (startRefusal(item, seen.version) !== null) return null;
    const cause = causeOf(deps, `unmet-v${item.version}`, `run of version ${item.version}`);
    return replanned({ ...item, status: "waiting" }, cause);
  });
  await driveOutbox(deps, seen.id);
  return stale(reason);
}

/** Opens the run's record; null if the item moved on in the meantime. */
async function takeOn(deps: RunDeps, seen: WorkItem): Promise<Assignment | null> {
  const project = projectNamed(deps.fleet, seen.project);
  const role = stepOf(deps.fleet, seen)?.agent;
  const settings = role === undefined ? undefined : project?.agents[role];
  if (project === undefined || role === undefined || settings === undefined) return null;
  const model = modelKey(settings, seen.metadata.assignedAgent);
  const started = await deps.items.transition(seen.id, (item) => {
    if (startRefusal(item, seen.version) !== null) return null;
    const id = runId(item, (item.run?.attempt ?? 0) + 1);
    return runStarted(item, role, model, causeOf(deps, `start-${id}`, `run ${id}`));
  });
  if (started?.item.run == null) return null;
  await driveOutbox(deps, seen.id);
  return { item: started.item, run: started.item.run, project, settings };
}

async function carryThrough(
  deps: RunDeps,
  assignment: Assignment,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { item, run } = assignment;
  const log = deps.log.child({ item: item.id, run: run.id, stage: item.stage });
  log.info({ role: run.role, attempt: run.attempt }, "run starts");
  const end =
    (await startsWithoutEnding(deps, item)) > STARTS_WITHOUT_ENDING
      ? gaveUp()
      : await work(deps, assignment, signal);
  const cause = causeOf(deps, `end-${run.id}`, `run ${run.id}`);
  const ended = await deps.items.transition(item.id, (now) => runEnded(now, run.id, end, cause));
  log.info({ ending: end.ending, reason: end.reason, recorded: ended !== null }, "run ended");
  if (ended === null) return stale("the run was taken over or cancelled");
  await driveOutbox(deps, item.id);
  return outcomeOf(ended.item, run, end, deps.clock());
}

async function work(deps: RunDeps, assignment: Assignment, signal: AbortSignal): Promise<RunEnd> {
  const { item, run, project } = assignment;
  const ownership = watchOwnership(deps, item, run, signal);
  let checkout: Checkout | null = null;
  try {
    const task = await deps.items.task(item.id);
    checkout = await deps.workspace.open({
      project,
      item: item.id,
      branch: item.branch,
      role: run.role,
      token: run.id,
      task,
      blockers: item.head === null ? await blockerBranches(deps, item) : [],
    });
    return await runIn(deps, assignment, checkout, task, ownership);
  } catch (error) {
    return endOfFault(error, checkout?.head ?? null, deps.log.child({ run: run.id }));
  } finally {
    ownership.stop();
    await checkout?.close();
  }
}

async function runIn(
  deps: RunDeps,
  { item, run, project, settings }: Assignment,
  checkout: Checkout,
  task: string,
  ownership: Ownership,
): Promise<RunEnd> {
  const runner = deps.runners[settings.runner];
  if (runner === undefined) {
    return endOf(unknownRunner(settings.runner), checkout.head);
  }
  const round = await roundOf(deps, item, run);
  const key = modelKey(settings, item.metadata.assignedAgent);
  const prompt = deps.renderPrompt({
    role: run.role,
    item,
    project,
    task,
    takenOut: checkout.takenOut,
    round,
    developerRunCap: deps.fleet.limits.developerRuns + item.grantedRuns,
  });
  const output = deps.openLog(run.id);
  const ending = await runner(
    {
      item: item.id,
      stage: item.stage as WorkStage,
      role: run.role,
      branch: item.branch,
      run: run.id,
      attempt: run.attempt,
      round,
      modelKey: key,
      model: deps.fleet.models[key] ?? null,
      artifacts: artifactsFolder(item.id),
      prompt,
      worktree: checkout.path,
      privatePath: checkout.privatePath,
      settings,
      log: (chunk) => output.write(chunk),
    },
    ownership.signal,
  ).finally(() => output.close());
  // An item cancelled since the last heartbeat is noticed here: its work must not be pushed.
  const ours = ending.kind === "finished" && (await ownership.holds());
  if (!ours || ownership.signal.aborted) return endOf(ending, checkout.head);
  const message = `${item.id}: ${run.role}, run ${run.id}`;
  const pushed = await checkout.push(message);
  return {
    ending: "succeeded",
    reason: ending.report.summary ?? "",
    report: ending.report,
    commitBefore: checkout.head,
    commitAfter: pushed.commit,
    wrote: pushed.wrote,
  };
}

/** Which time the role works here: runs that were interrupted or taken over left nothing to go on from. */
async function roundOf(deps: RunDeps, item: WorkItem, run: RunRecord): Promise<number> {
  const earlier = await deps.items.runs(item.id);
  const cameToAnEnd = ({ role, ending }: RunRecord) =>
    role === run.role && ending !== null && spendsDeveloperRun(ending);
  return 1 + earlier.filter(cameToAnEnd).length;
}

/** This start included; an ending of this version, and so an operator's retry after it, resets them. */
async function startsWithoutEnding(deps: RunDeps, item: WorkItem): Promise<number> {
  const runs = await deps.items.runs(item.id);
  const ofVersion = runs.filter(({ version }) => version === item.version);
  const ended = ofVersion.findLastIndex(({ ending }) => ending !== null && ending !== "superseded");
  return ofVersion.length - 1 - ended;
}

function gaveUp(): RunEnd {
  return {
    ending: "failed",
    reason: `${STARTS_WITHOUT_ENDING} starts came to no end; look at the worker's host`,
    report: EMPTY_REPORT,
    commitBefore: null,
    commitAfter: null,
    wrote: [],
  };
}

function causeOf(deps: RunDeps, id: string, text: string): Cause {
  return { id, text, at: new Date(deps.clock()).toISOString() };
}
