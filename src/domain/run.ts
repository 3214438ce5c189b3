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
  readonly costUsd: number;
}
export const EMPTY_REPORT: RunReport = { usage: NO_USAGE, costUsd: 0 };

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

/** Endings that spend one of the item's developer runs; the others give it back. */
export function spendsDeveloperRun(ending: RunEnding): boolean {
  return (
    ending === "succeeded" || ending === "failed" || ending === "timed_out" || ending === "silent"
  );
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
}
