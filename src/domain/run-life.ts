import type { EffectKind } from "./effect.js";
import {
  closedUnfinished,
  EMPTY_REPORT,
  type RunEnding,
  type RunRecord,
  type RunReport,
  spendsDeveloperRun,
} from "./run.js";
import type { Role, WorkStage } from "./stage.js";
import { type Cause, historyEntry, noted, type Transition } from "./transition.js";
import type { Sha } from "./verdict.js";
import type { ItemStatus, WorkItem } from "./work-item.js";

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

/** Opens the record of an agent's start; the version stays, so the flow that carries it does too. */
export function runStarted(
  item: WorkItem,
  role: Role,
  model: string | null,
  cause: Cause,
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
    costUsd: EMPTY_REPORT.costUsd,
    commitBefore: item.head,
    commitAfter: null,
    wrote: [],
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

export function runId(item: Pick<WorkItem, "id" | "version">, attempt: number): string {
  return `${item.id}-v${item.version}-a${attempt}`;
}

export interface RunEnd {
  readonly ending: RunEnding;
  readonly reason: string;
  readonly report: RunReport;
  readonly commitBefore: Sha | null;
  readonly commitAfter: Sha | null;
  readonly wrote: readonly string[];
}

/**
 * Closes the record of `run` if it is still the item's own and open; null otherwise, so that a run
 * that was taken over changes nothing (I5).
 */
export function runEnded(
  item: WorkItem,
  run: string,
  end: RunEnd,
  cause: Cause,
): Transition | null {
  const record = item.run;
  if (record === null || record.id !== run || record.ending !== null) return null;
  const closed: RunRecord = {
    ...record,
    ending: end.ending,
    reason: end.reason,
    finishedAt: cause.at,
    model: end.report.model ?? record.model,
    usage: end.report.usage,
    costUsd: end.report.costUsd,
    commitBefore: end.commitBefore ?? record.commitBefore,
    commitAfter: end.commitAfter,
    wrote: end.wrote,
  };
  const spent = record.role === "developer" && spendsDeveloperRun(end.ending) ? 1 : 0;
  const changes: Partial<WorkItem> = {
    run: closed,
    ...statusAfter(end),
    head: end.commitAfter ?? item.head,
    stageCommit: item.stageCommit ?? end.commitBefore,
    developerRuns: item.developerRuns + spent,
    usage: {
      inputTokens: item.usage.inputTokens + end.report.usage.inputTokens,
      outputTokens: item.usage.outputTokens + end.report.usage.outputTokens,
    },
    costUsd: item.costUsd + end.report.costUsd,
  };
  const entry = historyEntry(cause, "run", {
    from: item.stage,
    to: item.stage,
    reason: `The ${record.role} ${END_WORDS[end.ending]}${end.reason === "" ? "." : `: ${end.reason}`}`,
    commit: end.commitAfter,
  });
  return noted(item, cause, changes, [entry], effectsAfter(item, record, end));
}

const END_WORDS: Readonly<Record<RunEnding, string>> = {
  succeeded: "finished",
  failed: "failed",
  timed_out: "ran out of time",
  silent: "fell silent",
  transient: "was interrupted and tries again",
  limited: "reached its provider's limit",
  cancelled: "was cancelled",
  superseded: "was superseded",
  over_budget: "is over budget",
};

/** `failed` is what a person must look at; `paused` and `waiting` go on by themselves. */
function statusAfter(end: RunEnd): { status: ItemStatus; reason: string } {
  switch (end.ending) {
    case "succeeded":
      return { status: "running", reason: "The gate looks at what was done." };
    case "failed":
    case "timed_out":
    case "silent":
      return { status: "failed", reason: end.reason };
    case "limited":
    case "over_budget":
      return { status: "paused", reason: end.reason };
    default:
      return { status: "waiting", reason: end.reason };
  }
}

function effectsAfter(item: WorkItem, run: RunRecord, end: RunEnd): EffectKind[] {
  const release: EffectKind[] = [{ kind: "release-slot", version: item.version }];
  // The gate follows at once and says more.
  if (end.ending === "succeeded") return release;
  if (statusAfter(end).status !== "failed") return [...release, { kind: "status-comment" }];
  const told = `The ${run.role} of ${item.id} ${END_WORDS[end.ending]}: ${end.reason}`;
  return [
    ...release,
    {
      kind: "comment",
      body: `**${told}**\n\nThe item stays in ${item.stage}. An approver's \`/retry\`, or retrying the failed job in the board, goes on from here.`,
    },
    { kind: "status-comment" },
    { kind: "notification", text: told },
  ];
}
