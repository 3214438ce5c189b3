import { EMPTY_REPORT, type RunEnding, type RunnerEnding } from "../domain/run.js";
import type { RunEnd } from "../domain/run-ended.js";
import { failureOf, startRefusal } from "../domain/run-life.js";
import { transientDelay } from "../domain/run-retry.js";
import type { Sha } from "../domain/verdict.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Logger } from "../telemetry/logger.js";
import { type JobOutcome, stale } from "./jobs.js";
import { parkUntilSlot } from "./parked.js";
import { untilAllowed } from "./run-budget.js";
import type { RunDeps } from "./run-deps.js";
import { WorkspaceError } from "./workspace.js";

/** The recorded ending of a runner that came to an end without something to push. */
export function endOf(ending: RunnerEnding, head: Sha): RunEnd {
  const [kind, reason] = named(ending);
  const until = ending.kind === "limited" ? { limitedUntil: ending.until.getTime() } : {};
  return {
    ending: kind,
    reason,
    report: ending.report,
    commitBefore: head,
    commitAfter: null,
    wrote: [],
    ...until,
  };
}

/** An agent chooses its last words: no secret among them reaches a record, a comment or the log. */
export function masked(end: RunEnd, mask: (text: string) => string): RunEnd {
  const { model } = end.report;
  const report = { ...end.report, ...(model === undefined ? {} : { model: mask(model) }) };
  return { ...end, reason: mask(end.reason), report };
}

/** A run that ended before an agent was started. */
export function endWithoutAgent(ending: RunEnding, reason: string): RunEnd {
  return {
    ending,
    reason,
    report: EMPTY_REPORT,
    commitBefore: null,
    commitAfter: null,
    wrote: [],
  };
}

export function unknownRunner(name: string): RunnerEnding {
  return { kind: "failed", reason: `no runner named ${name} is built in`, report: EMPTY_REPORT };
}

function named(ending: RunnerEnding): [RunEnding, string] {
  switch (ending.kind) {
    case "finished":
      return ["cancelled", "it was stopped as it finished"];
    case "failed":
    case "transient":
      return [ending.kind, ending.reason];
    case "timed_out":
      return ["timed_out", `it ran for ${minutes(ending.afterMs)}, its limit`];
    case "silent":
      return ["silent", `it printed nothing for ${minutes(ending.silentForMs)}`];
    case "limited":
      return ["limited", "its provider's limit is reached"];
    case "cancelled":
      return ["cancelled", "it was stopped"];
  }
}

const FAULTS: Readonly<Record<WorkspaceError["code"], RunEnding>> = {
  superseded: "superseded",
  "protected-path": "failed",
  "secret-found": "failed",
  "too-large": "failed",
  "disk-full": "transient",
  conflict: "failed",
  "unsafe-name": "failed",
  "remote-unavailable": "transient",
  "git-failed": "failed",
};

/** A fault around the agent. One we don't know goes to the log; people are told that there was one. */
export function endOfFault(error: unknown, head: Sha | null, log: Logger): RunEnd {
  const known = error instanceof WorkspaceError ? error : null;
  if (known === null) log.error({ err: error }, "a fault around the run");
  return {
    ending: known === null ? "transient" : FAULTS[known.code],
    reason: known?.message ?? "a fault around the run; the worker's log has it",
    report: EMPTY_REPORT,
    commitBefore: head,
    commitAfter: null,
    wrote: [],
    ...(known?.code === "conflict" ? { conflicts: true as const } : {}),
    ...(known?.paths === undefined ? {} : { protectedPaths: known.paths }),
  };
}

/** What the queue does with the job of a run that was recorded, going by what the end left. */
export async function outcomeOf(
  deps: RunDeps,
  item: WorkItem,
  version: number,
): Promise<JobOutcome> {
  const { run } = item;
  const ending = run?.ending;
  if (run == null || ending == null) return stale("the run has no end");
  if (item.status === "failed") return { kind: "failed", reason: failureOf(run) };
  switch (ending) {
    case "succeeded":
      return { kind: "finished", note: run.commitAfter ?? "" };
    case "failed":
      return { kind: "failed", reason: failureOf(run) };
    case "timed_out":
    case "silent":
    case "limited":
      return parkUntilSlot(deps, item, run.reason);
    case "over_budget":
      return untilAllowed(item);
    case "transient":
      return later(deps, delayOf(deps, run.retries?.transient ?? 1), run.reason);
    case "cancelled":
    case "superseded": {
      // Stopped, or its branch moved under it, though its version is still wanted: again from the
      // branch's head, elsewhere at once if this worker has to go.
      if (startRefusal(item, version) !== null) return stale(run.reason);
      return later(deps, ending === "superseded" ? delayOf(deps, run.attempt) : 0, run.reason);
    }
  }
}

function later({ clock }: RunDeps, delayMs: number, reason: string): JobOutcome {
  return { kind: "later", at: new Date(clock() + delayMs), reason };
}

function delayOf({ transientDelay: delay }: RunDeps, inARow: number): number {
  return delay?.(inARow) ?? transientDelay(inARow, Math.random());
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 6_000) / 10} min`;
}
