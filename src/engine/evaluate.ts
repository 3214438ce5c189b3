import { artifactsFolder } from "../domain/artifacts.js";
import { type Project, projectNamed, stepOf } from "../domain/fleet.js";
import { AFTER_RUN } from "../domain/ids.js";
import type { PipelineStep } from "../domain/pipeline.js";
import { historyEntry, noted } from "../domain/transition.js";
import type { Sha, Verdict } from "../domain/verdict.js";
import { hasPendingRun, isFinished, type Trigger, type WorkItem } from "../domain/work-item.js";
import type { CommandResult, Gate, GateContext } from "../gates/gate.js";
import { countingArtifacts } from "./counting.js";
import { watchEvaluation } from "./evaluation-watch.js";
import { type JobOutcome, stale } from "./jobs.js";
import { driveOutbox, type OutboxDeps } from "./outbox.js";
import type { Forge } from "./tracker.js";
import { type Workspace, WorkspaceError } from "./workspace.js";

export interface EvaluateDeps extends OutboxDeps {
  readonly workspace: Workspace;
  /** The gate of a name; for a name config no longer knows, one that never passes. */
  readonly gateNamed: (name: string) => Gate;
  readonly forgeOf: (project: Project) => Forge | null;
  readonly runGateCommand: RunGateCommand;
  /** How often a gate's evaluation looks whether it is still wanted, in ms. */
  readonly heartbeatMs: number;
}

/** Runs a gate's command in a fresh checkout of the commit; throws once `signal` aborts. */
export type RunGateCommand = (
  project: Project,
  commit: Sha,
  command: readonly string[],
  timeoutMinutes: number,
  signal: AbortSignal,
) => Promise<CommandResult>;

export interface Evaluation {
  readonly item: string;
  readonly version: number;
  readonly evaluation: string;
  readonly trigger: Trigger;
}

const MOVED_ON = "the item moved on while its gate was looked at";
/** A worker's disk is looked at again after this, in ms. */
const ROOM_MS = 60_000;

/**
 * Evaluates the gate of an item's stage on the branch head and records the verdict; moves nothing.
 * When `signal` aborts, its command is stopped and the job runs again elsewhere; when the item moves on,
 * as by being cancelled, its command is stopped for good.
 */
export async function evaluateGate(
  deps: EvaluateDeps,
  job: Evaluation,
  signal: AbortSignal,
): Promise<JobOutcome> {
  try {
    return await evaluate(deps, job, signal);
  } catch (error) {
    if (!(error instanceof WorkspaceError) || error.code !== "disk-full") throw error;
    return await waitForRoom(deps, job, error.message);
  }
}

/** Says on the item what its gate waits for; that tells nothing of the commit and spends nothing. */
async function waitForRoom(deps: EvaluateDeps, job: Evaluation, why: string): Promise<JobOutcome> {
  const reason = `The gate waits: ${why}.`;
  const now = deps.clock();
  const cause = {
    id: `room-${job.evaluation}`,
    text: `evaluation ${job.evaluation}`,
    at: new Date(now).toISOString(),
  };
  await deps.items.transition(job.item, (item) => {
    if (evaluationRefusal(item, job) !== null || item.reason === reason) return null;
    return noted(item, cause, { reason }, [], [{ kind: "status-comment" }]);
  });
  await driveOutbox(deps, job.item);
  return { kind: "later", at: new Date(now + ROOM_MS), reason };
}

async function evaluate(
  deps: EvaluateDeps,
  job: Evaluation,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const item = await deps.items.find(job.item);
  const refusal = evaluationRefusal(item, job);
  if (item === null || refusal !== null) return stale(refusal ?? "there is no such item");
  const verdict = await judgeWhileWanted(deps, item, job, signal);
  if (verdict === null) {
    if (!signal.aborted) return stale(MOVED_ON);
    return { kind: "later", at: new Date(deps.clock()), reason: "the worker is stopping" };
  }
  const cause = {
    id: `verdict-${job.evaluation}`,
    text: `evaluation ${job.evaluation}`,
    at: new Date(deps.clock()).toISOString(),
  };
  const recorded = await deps.items.transition(item.id, (now) => {
    if (evaluationRefusal(now, job) !== null) return null;
    const verdicts = {
      ...now.verdicts,
      [job.evaluation]: { version: now.version, trigger: job.trigger, verdict },
    };
    const entry = historyEntry(cause, "verdict", { ...verdict, from: now.stage, to: null });
    return noted(now, cause, { verdicts, head: verdict.commit ?? now.head }, [entry], []);
  });
  if (recorded === null) return stale(MOVED_ON);
  return { kind: "finished", note: verdict.passed ? "passed" : `not passed: ${verdict.reason}` };
}

/** Only a succeeded run is followed by its gate; other evaluations wait for an active run's end. */
function evaluationRefusal(item: WorkItem | null, job: Evaluation): string | null {
  if (item === null) return "there is no such item";
  if (item.version !== job.version) return "the version was replaced";
  if (isFinished(item)) return `the item is ${item.status}`;
  if (item.verdicts[job.evaluation] !== undefined) return "the verdict is recorded already";
  if (job.evaluation === AFTER_RUN) {
    if (!item.expectsRun || item.run?.ending !== "succeeded") return "the run has not succeeded";
    return item.consumed.includes(AFTER_RUN) ? "the run's verdict was acted on already" : null;
  }
  if (item.consumed.includes(job.evaluation)) return "its verdict was acted on already";
  return hasPendingRun(item) ? "a run is active; its own gate looks when it ends" : null;
}

/** Null: it was stopped, which says nothing of the commit. */
async function judgeWhileWanted(
  deps: EvaluateDeps,
  item: WorkItem,
  job: Evaluation,
  outer: AbortSignal,
): Promise<Verdict | null> {
  const wanted = async () => evaluationRefusal(await deps.items.find(item.id), job) === null;
  const { signal, stop } = watchEvaluation(wanted, deps.heartbeatMs, outer, deps.log);
  try {
    return await judge(deps, item, signal);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  } finally {
    stop();
  }
}

async function judge(deps: EvaluateDeps, item: WorkItem, signal: AbortSignal): Promise<Verdict> {
  const project = projectNamed(deps.fleet, item.project);
  const step = stepOf(deps.fleet, item);
  if (project === undefined || step === undefined) {
    return notPassed(item, `config no longer knows project ${item.project} with its ${item.stage}`);
  }
  const passes = passesByItself(item, step);
  if (passes !== null) return passes;
  const commit = await deps.workspace.head(project, item.branch);
  if (commit === null) return notPassed(item, `branch ${item.branch} is not on the remote`);
  const gate = deps.gateNamed(step.gate ?? "");
  return gate(contextOf(deps, item, project, commit, signal));
}

/**
 * A stage without a gate passes by its run; a deploy without a deployer has no report to wait for.
 * Another gate looks all the same: CI may be who deploys.
 */
function passesByItself(item: WorkItem, step: PipelineStep): Verdict | null {
  const passed = { gate: step.gate ?? "", passed: true, evidence: "", commit: item.head } as const;
  if (step.gate === undefined) return { ...passed, reason: "The run succeeded." };
  if (step.gate === "deploy-succeeded" && !item.expectsRun) {
    return { ...passed, reason: "No deployer is configured." };
  }
  return null;
}

function contextOf(
  deps: EvaluateDeps,
  item: WorkItem,
  project: Project,
  commit: Sha,
  signal: AbortSignal,
): GateContext {
  const view = deps.workspace.at(project, commit);
  return {
    item,
    project,
    commit,
    view,
    artifacts: countingArtifacts(item, view, artifactsFolder(item.id)),
    forge: deps.forgeOf(project),
    runCommand: (command, timeoutMinutes) =>
      deps.runGateCommand(project, commit, command, timeoutMinutes, signal),
  };
}

function notPassed(item: WorkItem, reason: string): Verdict {
  return { gate: "", passed: false, reason, evidence: "", commit: item.head };
}
