import type { RetryCounts, RunEnding } from "./run.js";

export const NO_RETRIES: RetryCounts = {
  timedOut: 0,
  silent: 0,
  transient: 0,
  transientSince: null,
};

/** Time limit and silence are forgiven once a version, each. */
const FORGIVEN = 1;
const TRANSIENT_HOURS = 6;
const SHORTEST_DELAY_MS = 10_000;
const LONGEST_DELAY_MS = 300_000;

/** The counts with one more ending. An interruption of ours says nothing of the network's row. */
export function withEnding(counts: RetryCounts, ending: RunEnding, at: string): RetryCounts {
  switch (ending) {
    case "transient":
      return {
        ...counts,
        transient: counts.transient + 1,
        transientSince: counts.transientSince ?? at,
      };
    case "cancelled":
    case "superseded":
      return counts;
    case "timed_out":
      return { ...unbroken(counts), timedOut: counts.timedOut + 1 };
    case "silent":
      return { ...unbroken(counts), silent: counts.silent + 1 };
    default:
      return unbroken(counts);
  }
}

function unbroken(counts: RetryCounts): RetryCounts {
  return { ...counts, transient: 0, transientSince: null };
}

/** What follows a run's end. `because` says what made a retry impossible; null: nothing needs saying. */
export type AfterEnding =
  | { readonly kind: "gate" | "again" | "paused" }
  | { readonly kind: "failed"; readonly because: string | null };

/**
 * The table of endings in docs/state-machine.md.
 * @param counts this ending included
 * @param mayRunAgain is a developer run left, this one taken off? True for other roles.
 */
export function afterEnding(
  ending: RunEnding,
  counts: RetryCounts,
  at: string,
  mayRunAgain: boolean,
): AfterEnding {
  switch (ending) {
    case "succeeded":
      return { kind: "gate" };
    case "failed":
      return { kind: "failed", because: null };
    case "timed_out":
      return onceMore(counts.timedOut, mayRunAgain);
    case "silent":
      return onceMore(counts.silent, mayRunAgain);
    case "transient":
      return lastsTooLong(counts, at)
        ? {
            kind: "failed",
            because: `${counts.transient} tries in ${TRANSIENT_HOURS} hours were in vain`,
          }
        : { kind: "again" };
    case "limited":
    case "over_budget":
      return { kind: "paused" };
    case "cancelled":
    case "superseded":
      return { kind: "again" };
  }
}

function onceMore(times: number, mayRunAgain: boolean): AfterEnding {
  if (times > FORGIVEN) return { kind: "failed", because: "for the second time" };
  if (!mayRunAgain) return { kind: "failed", because: "and no developer run is left to try again" };
  return { kind: "again" };
}

function lastsTooLong({ transientSince }: RetryCounts, at: string): boolean {
  if (transientSince === null) return false;
  return Date.parse(at) - Date.parse(transientSince) >= TRANSIENT_HOURS * 3_600_000;
}

/**
 * How long to wait after so many transient endings in a row, in ms: 10 s doubling to 5 min, with full
 * jitter. `random` is in [0, 1).
 */
export function transientDelay(inARow: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, SHORTEST_DELAY_MS * 2 ** Math.max(0, inARow - 1));
  return Math.floor(random * ceiling);
}
