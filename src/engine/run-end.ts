import { EMPTY_REPORT, type RunEnding, type RunnerEnding } from "../domain/run.js";
import type { RunEnd } from "../domain/run-life.js";
import type { Sha } from "../domain/verdict.js";
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

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 6_000) / 10} min`;
}
