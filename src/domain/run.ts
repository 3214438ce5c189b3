import type { Role, WorkStage } from "./stage.js";
import type { Sha } from "./verdict.js";

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 };

/** What a runner reports of an agent that came to an end. */
export type RunnerEnding =
  | { readonly kind: "finished"; readonly report: RunReport }
  | { readonly kind: "failed"; readonly reason: string; readonly report: RunReport }
  | { readonly kind: "timed_out"; readonly afterMs: number; readonly report: RunReport }
  | { readonly kind: "silent"; readonly silentForMs: number; readonly report: RunReport }
  | { readonly kind: "transient"; readonly reason: string; readonly report: RunReport }
  | { readonly kind: "limited"; readonly until: Date; readonly report: RunReport }
  | { readonly kind: "cancelled"; readonly report: RunReport };

export interface RunReport {
  readonly summary?: string | undefined;
  readonly model?: string | undefined;
  readonly usage: Usage;
  /** Null: the runner doesn't know; it is worked out by price. */
  readonly costUsd: number | null;
}
/** Of an agent that never worked. */
export const EMPTY_REPORT: RunReport = { usage: NO_USAGE, costUsd: 0 };
/** Of an agent that worked and said nothing. */
export const SILENT_REPORT: RunReport = { usage: NO_USAGE, costUsd: null };

/** How a run ended, as recorded. */
export const RUN_ENDINGS = [
  "succeeded",
  "failed",
  "timed_out",
  "silent",
  "transient",
  "limited",
  "cancelled",
  "superseded",
  "over_budget",
] as const;
export type RunEnding = (typeof RUN_ENDINGS)[number];

const SPENDING: readonly RunEnding[] = ["succeeded", "failed", "timed_out", "silent"];

/**
 * Does a run that ended so spend one of the item's developer runs? The other endings give it back, and
 * so does a branch that can't be made from its blockers': no agent has worked.
 */
export function spendsDeveloperRun(run: Pick<RunRecord, "ending" | "conflicts">): boolean {
  return run.ending !== null && SPENDING.includes(run.ending) && run.conflicts !== true;
}

/** Closes a record that is still open, since nobody else will; none if there is nothing to close (I5). */
export function closedUnfinished(
  run: RunRecord | null,
  ending: "cancelled" | "superseded",
  reason: string,
  at: string,
): readonly RunRecord[] {
  return run === null || run.ending !== null ? [] : [{ ...run, ending, reason, finishedAt: at }];
}

/** What a run's own retries are counted by: since its version began, or since a person's retry. */
export interface RetryCounts {
  readonly timedOut: number;
  readonly silent: number;
  /** Transient endings in an unbroken row, and when the first of them was, ISO 8601. */
  readonly transient: number;
  readonly transientSince: string | null;
}

/** One execution of an agent, as the store keeps it; `/api/items/:id` shows it. */
export interface RunRecord {
  /** `<item>-v<version>-a<attempt>` */
  readonly id: string;
  readonly version: number;
  readonly stage: WorkStage;
  readonly role: Role;
  /** Counts executions of the same job, from 1. */
  readonly attempt: number;
  readonly ending: RunEnding | null;
  readonly reason: string;
  readonly model: string | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly usage: Usage;
  readonly costUsd: number;
  readonly commitBefore: Sha | null;
  readonly commitAfter: Sha | null;
  /** Artifacts that this run wrote and that therefore count. */
  readonly wrote: readonly string[];
  /** Protected paths it changed, for which it failed. */
  readonly protectedPaths?: readonly string[];
  /** It failed before its agent started: its branch can't be made from its blockers'. */
  readonly conflicts?: true;
  /** How often its job had failed when it began: more now, and a person retried the job since. */
  readonly jobFailures?: number;
  /** Absent: nothing was counted yet. */
  readonly retries?: RetryCounts;
  /** It came to its end after the item had moved on; what it used is counted. */
  readonly late?: boolean;
}
