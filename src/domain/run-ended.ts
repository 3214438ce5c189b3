import { hasDeveloperRunLeft } from "./decision.js";
import type { EffectKind } from "./effect.js";
import { type RunEnding, type RunRecord, type RunReport, spendsDeveloperRun } from "./run.js";
import { type AfterEnding, afterEnding, NO_RETRIES, withEnding } from "./run-retry.js";
import { type Cause, historyEntry, noted, type Transition } from "./transition.js";
import type { Sha } from "./verdict.js";
import type { ItemStatus, WorkItem } from "./work-item.js";

export interface RunEnd {
  readonly ending: RunEnding;
  readonly reason: string;
  readonly report: RunReport;
  readonly commitBefore: Sha | null;
  readonly commitAfter: Sha | null;
  readonly wrote: readonly string[];
  /** Protected paths the run changed, for which it failed. */
  readonly protectedPaths?: readonly string[];
  /** The branch can't be made from its blockers': the item is `blocked` until a person mends that. */
  readonly conflicts?: true;
  /** Of `limited`: when the provider says the limit ends, ms since epoch; NaN: it named no time. */
  readonly limitedUntil?: number;
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
  developerRunCap: number,
): Transition | null {
  const record = item.run;
  if (record === null || record.id !== run || record.ending !== null) return null;
  const isDeveloper = record.role === "developer";
  const spent = isDeveloper && spendsDeveloperRun(end) ? 1 : 0;
  const developerRuns = item.developerRuns + spent;
  const left = !isDeveloper || hasDeveloperRunLeft({ ...item, developerRuns }, developerRunCap);
  const retries = withEnding(record.retries ?? NO_RETRIES, end.ending, cause.at);
  const next = afterEnding(end.ending, retries, cause.at, left);
  const reason = reasonOf(end, next);
  const closed = {
    ...reported(record, end, cause.at),
    ending: end.ending,
    reason,
    retries,
    commitBefore: end.commitBefore ?? record.commitBefore,
    commitAfter: end.commitAfter,
    wrote: end.wrote,
    ...(end.protectedPaths === undefined ? {} : { protectedPaths: end.protectedPaths }),
    ...(end.conflicts === undefined ? {} : { conflicts: end.conflicts }),
  };
  const changes: Partial<WorkItem> = {
    ...withReport(item, end),
    run: closed,
    ...statusAfter(next, end, reason),
    head: end.commitAfter ?? item.head,
    stageCommit: item.stageCommit ?? end.commitBefore,
    developerRuns,
  };
  const entry = historyEntry(cause, "run", {
    from: item.stage,
    to: item.stage,
    reason: `The ${record.role} ${END_WORDS[end.ending]}${reason === "" ? "." : `: ${reason}`}`,
    commit: end.commitAfter,
  });
  const stuck: EffectKind[] =
    changes.status === "blocked" ? [{ kind: "tracker-state", state: "Blocked" }] : [];
  return noted(item, cause, changes, [entry], [...effectsAfter(item, closed, next), ...stuck]);
}

/**
 * The end of a run whose record others closed when the item moved on: what it used counts all the
 * same, once, and nothing else changes. `record` is as the store keeps it.
 */
export function runEndedLate(
  item: WorkItem,
  record: RunRecord,
  end: RunEnd,
  cause: Cause,
): Transition | null {
  const own = item.run?.id === record.id ? item.run : record;
  if (own.ending === null || own.late === true) return null;
  const run: RunRecord = { ...reported(own, end, cause.at), late: true };
  const changes = { ...withReport(item, end), ...(own === item.run ? { run } : {}) };
  return { ...noted(item, cause, changes, [], [{ kind: "status-comment" }]), runs: [run] };
}

function reported(record: RunRecord, { report }: RunEnd, at: string): RunRecord {
  return {
    ...record,
    finishedAt: at,
    model: report.model ?? record.model,
    usage: report.usage,
    costUsd: report.costUsd ?? 0,
  };
}

/** Every attempt counts, whatever became of it. */
function withReport(item: WorkItem, { report }: RunEnd): Pick<WorkItem, "usage" | "costUsd"> {
  return {
    usage: {
      inputTokens: item.usage.inputTokens + report.usage.inputTokens,
      outputTokens: item.usage.outputTokens + report.usage.outputTokens,
    },
    costUsd: item.costUsd + (report.costUsd ?? 0),
  };
}

/** With why it isn't tried again, where that isn't plain. */
function reasonOf({ reason }: RunEnd, next: AfterEnding): string {
  if (next.kind !== "failed" || next.because === null) return reason;
  return reason === "" ? next.because : `${reason}; ${next.because}`;
}

const END_WORDS: Readonly<Record<RunEnding, string>> = {
  succeeded: "finished",
  failed: "failed",
  timed_out: "ran out of time",
  silent: "fell silent",
  transient: "was interrupted",
  limited: "reached its provider's limit",
  cancelled: "was cancelled",
  superseded: "was superseded",
  over_budget: "is over budget",
};

/** `failed` is what a person must look at; `paused` and `waiting` go on by themselves. */
function statusAfter(
  next: AfterEnding,
  { conflicts }: RunEnd,
  reason: string,
): { status: ItemStatus; reason: string } {
  switch (next.kind) {
    case "gate":
      return { status: "running", reason: "The gate looks at what was done." };
    case "failed":
      return { status: conflicts === true ? "blocked" : "failed", reason };
    case "paused":
      return { status: "paused", reason };
    case "again":
      return { status: "waiting", reason };
  }
}

function effectsAfter(item: WorkItem, run: RunRecord, next: AfterEnding): EffectKind[] {
  const release: EffectKind[] = [{ kind: "release-slot", version: item.version, run: run.id }];
  // The gate follows at once and says more.
  if (next.kind === "gate") return release;
  if (next.kind !== "failed") return [...release, { kind: "status-comment" }];
  const words = run.ending === null ? "failed" : END_WORDS[run.ending];
  const told = `The ${run.role} of ${item.id} ${words}: ${run.reason}`;
  return [
    ...release,
    {
      kind: "comment",
      body: `**${told}**\n\nThe item stays in ${item.stage}. An approver's \`/retry\`, or retrying the failed job in the board, goes on from here.${protectedHint(run)}`,
    },
    { kind: "status-comment" },
    { kind: "notification", text: told },
  ];
}

/** The board can't tell who clicks, so only a comment allows what is protected. */
function protectedHint({ protectedPaths }: RunRecord): string {
  if (protectedPaths === undefined) return "";
  return " Neither lets the agent change what is protected: an approver's `/retry protected` does, for exactly the paths named here.";
}
