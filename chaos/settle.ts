import { setTimeout as pause } from "node:timers/promises";
import { INVARIANTS } from "./invariants/all.js";
import type { PlannedIssue } from "./load/issues.js";
import type { Snapshot } from "./snapshot.js";
import { takeSnapshot } from "./take-snapshot.js";
import { audit, type Broken } from "./verdict.js";
import type { World } from "./world/world.js";

/** Looking takes from the fleet's time, in ms: seldom while much is under way. */
const LOOK_MS = 3_000;
const SELDOM_MS = 8_000;
const MUCH = 50;
/** What only a round of comparing mends needn't wait for the next, in ms. */
const COMPARE_EVERY_MS = 40_000;
/** What comes late would come in this time, in ms. */
const QUIET_MS = 5_000;
/** A slow machine is waited for as long as something came to its end in this time, in ms, … */
const PROGRESS_MS = 40_000;
/** … but no more than so many times as long. */
const AT_MOST = 2;

export interface Judged {
  readonly snapshot: Snapshot;
  readonly broken: readonly Broken[];
}

/**
 * Looks until nothing contradicts an invariant, and once more a little later; or until the time is
 * over and nothing moves, and then what is broken is broken. @param tell hears how many aren't at their end
 */
export async function settle(
  world: World,
  issues: readonly PlannedIssue[],
  longestMs: number,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<Judged> {
  const isOver = patience(longestMs);
  let quiet = false;
  let compared = performance.now();
  for (;;) {
    const snapshot = await takeSnapshot(world, issues);
    const broken = audit(snapshot);
    const settled = broken.length === 0 && world.courier.isIdle();
    const open = broken.flatMap(({ evidence }) => evidence).length;
    const late = isOver(open);
    if ((settled && quiet) || late || signal.aborted) return { snapshot, broken };
    if (!settled) tell(`not yet: ${numbered(broken)}`);
    if (!settled && performance.now() - compared > COMPARE_EVERY_MS) {
      await compareAgain(world);
      compared = performance.now();
    }
    quiet = settled;
    await pause(settled ? QUIET_MS : open > MUCH ? SELDOM_MS : LOOK_MS, undefined, {
      signal,
    }).catch(() => {});
  }
}

/**
 * Told at each look how much isn't as it must be, it says whether to give up.
 * @param clock in ms
 */
export function patience(
  longestMs: number,
  clock: () => number = () => performance.now(),
): (open: number) => boolean {
  const began = clock();
  let fewest = Number.POSITIVE_INFINITY;
  let progress = began;
  return (open) => {
    const now = clock();
    if (open < fewest) progress = now;
    fewest = Math.min(fewest, open);
    const moves = now - progress < PROGRESS_MS;
    return now - began > (moves ? longestMs * AT_MOST : longestMs);
  };
}

/** How much contradicts each, by its number in the verdict's order. */
function numbered(broken: readonly Broken[]): string {
  const place = (name: string) => INVARIANTS.findIndex((each) => each.name === name) + 1;
  return broken.map(({ name, evidence }) => `${evidence.length} × (${place(name)})`).join(", ");
}

/** A stage worker that starts brings a round of comparing. */
export async function compareAgain({ fleet }: World): Promise<void> {
  await fleet.seat("stage-1").replace();
}
