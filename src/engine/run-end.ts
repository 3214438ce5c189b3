import { EMPTY_REPORT, type RunEnding, type RunnerEnding, type RunRecord } from "../domain/run.js";
import { type RunEnd, startRefusal } from "../domain/run-life.js";
import type { Sha } from "../domain/verdict.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Logger } from "../telemetry/logger.js";
import { type JobOutcome, stale } from "./jobs.js";
import { WorkspaceError } from "./workspace.js";

/** The recorded ending of a runner that came to an end without something to push. */
export function endOf(ending: RunnerEnding, head: Sha): RunEnd {
  const [kind, reason] = named(ending);
  return {
    ending: kind,
    reason,
    report: ending.report,
    commitBefore: head,
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
      return ["limited", `the provider's limit lasts until ${ending.until.toISOString()}`];
    case "cancelled":
      return ["cancelled", "it was stopped"];
  }
}

const FAULTS: Readonly<Record<WorkspaceError["code"], RunEnding>> = {
  superseded: "superseded",
  "protected-path": "failed",
  "secret-found": "failed",
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
  };
}

/** What the queue does with the job of a run that was recorded: the table of endings. */
export function outcomeOf(item: WorkItem, run: RunRecord, end: RunEnd, now: number): JobOutcome {
  switch (end.ending) {
    case "succeeded":
      return { kind: "finished", note: end.commitAfter ?? "" };
    case "failed":
    case "timed_out":
    case "silent":
      return { kind: "failed", reason: `${end.ending}: ${end.reason}` };
    case "transient":
      return { kind: "later", at: new Date(now + transientDelay(run.attempt)), reason: end.reason };
    case "limited":
    case "over_budget":
      return { kind: "later", at: new Date(now + 60_000), reason: end.reason };
    case "cancelled":
    case "superseded": {
      // Stopped, or its branch moved under it, though its version is still wanted: again from the
      // branch's head, elsewhere at once if this worker has to go.
      if (startRefusal(item, run.version) !== null) return stale(end.reason);
      const delay = end.ending === "superseded" ? transientDelay(run.attempt) : 0;
      return { kind: "later", at: new Date(now + delay), reason: end.reason };
    }
  }
}

/** Full jitter: 10 s doubling to 5 min, in ms. */
function transientDelay(attempt: number): number {
  const ceiling = Math.min(300_000, 10_000 * 2 ** (attempt - 1));
  return Math.floor(Math.random() * ceiling);
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 6_000) / 10} min`;
}
