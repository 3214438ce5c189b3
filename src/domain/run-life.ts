import { closedUnfinished, EMPTY_REPORT, type RetryCounts, type RunRecord } from "./run.js";
import { NO_RETRIES } from "./run-retry.js";
import type { Role, WorkStage } from "./stage.js";
import { type Cause, noted, type Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/** A run that starts and never ends is tried this often before a person must look. */
export const STARTS_WITHOUT_ENDING = 5;

/** Can an agent start for this version now? Null: yes; else why not. */
export function startRefusal(item: WorkItem | null, version: number): string | null {
  if (item === null) return "there is no such item";
  if (item.version !== version) return `version ${version} was replaced by ${item.version}`;
  if (item.status === "cancelled" || item.status === "done") return `the item is ${item.status}`;
  if (!item.expectsRun) return "this version launches no agent";
  if (item.run?.ending === "succeeded") return "the run of this version has succeeded";
  return null;
}

/** What the queue knows of the start of a run's job. */
export interface JobStart {
  /** How often the job has failed so far. */
  readonly failures: number;
  /** Is this the queue's own retry after a fault? */
  readonly afterFault: boolean;
}

/**
 * Did a person retry the job? It has failed since its last run began, and the queue doesn't start a
 * failed one by itself. A job whose worker died has not.
 */
export function isRetriedByHand(run: RunRecord, start: JobStart): boolean {
  return !start.afterFault && start.failures > (run.jobFailures ?? -1);
}

/**
 * Why the job of a run that failed for good fails too instead of starting an agent: its worker died,
 * or met a fault, between recording the end and failing the job. Null: it may start.
 */
export function failureToRepeat(item: WorkItem, start: JobStart): string | null {
  if (item.status !== "failed" || item.run === null || item.run.ending === null) return null;
  return isRetriedByHand(item.run, start) ? null : failureOf(item.run);
}

/** How a run failed, in the words of its job. */
export function failureOf({ ending, reason }: RunRecord): string {
  return `${ending}: ${reason}`;
}

/** Opens the record of an agent's start; the version stays, so the flow that carries it does too. */
export function runStarted(
  item: WorkItem,
  role: Role,
  model: string | null,
  cause: Cause,
  start: JobStart = { failures: 0, afterFault: false },
): Transition {
  const attempt = (item.run?.attempt ?? 0) + 1;
  const run: RunRecord = {
    id: runId(item, attempt),
    version: item.version,
    stage: item.stage as WorkStage,
    role,
    attempt,
    ending: null,
    reason: "",
    model,
    startedAt: cause.at,
    finishedAt: null,
    usage: EMPTY_REPORT.usage,
    costUsd: 0,
    commitBefore: item.head,
    commitAfter: null,
    wrote: [],
    jobFailures: start.failures,
    retries: retriesAt(item, start),
  };
  const reason = `The ${role} works.`;
  const started = noted(
    item,
    cause,
    { run, status: "running", reason },
    [],
    [{ kind: "status-comment" }],
  );
  // An open record is of a worker that died or froze: this start takes the run over from it.
  const runs = closedUnfinished(item.run, "superseded", "its worker was lost", cause.at);
  return { ...started, runs };
}

/** A person's retry begins to count anew. */
function retriesAt({ run }: WorkItem, start: JobStart): RetryCounts {
  return run === null || isRetriedByHand(run, start) ? NO_RETRIES : (run.retries ?? NO_RETRIES);
}

export function runId(item: Pick<WorkItem, "id" | "version">, attempt: number): string {
  return `${item.id}-v${item.version}-a${attempt}`;
}
