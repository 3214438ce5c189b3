import { EMPTY_REPORT, type RunEnding, type RunnerEnding, type RunRecord } from "../domain/run.js";
import { type RunEnd, startRefusal } from "../domain/run-life.js";
import type { Sha } from "../domain/verdict.js";
import type { WorkItem } from "../domain/work-item.js";
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

/** A fault around the agent; what isn't a known one of the workspace is a bug and thrown on. */
export function endOfFault(error: unknown, head: Sha | null): RunEnd {
  if (!(error instanceof WorkspaceError)) throw error;
  return {
    ending: FAULTS[error.code],
    reason: error.message,
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
    case "superseded":
      // Stopped, or its branch moved under it, though its version is still wanted: again from the
      // branch's head, elsewhere if this worker has to go.
      return startRefusal(item, run.version) === null
        ? { kind: "later", at: new Date(now), reason: end.reason }
        : stale(end.reason);
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
