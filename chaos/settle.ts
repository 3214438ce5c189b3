import { setTimeout as pause } from "node:timers/promises";
import { INVARIANTS } from "./invariants/all.js";
import type { FiledIssue, Snapshot } from "./snapshot.js";
import { takeSnapshot } from "./take-snapshot.js";
import { audit, type Broken } from "./verdict.js";
import type { World } from "./world/world.js";

const LOOK_MS = 3_000;
/** What only a round of comparing mends needn't wait for the next, in ms. */
const COMPARE_EVERY_MS = 40_000;
/** What comes late would come in this time, in ms. */
const QUIET_MS = 5_000;

export interface Judged {
  readonly snapshot: Snapshot;
  readonly broken: readonly Broken[];
}

/**
 * Looks until nothing contradicts an invariant, and once more a little later; or until the time is
 * over, and then what is broken is broken. @param tell hears how many aren't at their end
 */
export async function settle(
  world: World,
  issues: readonly FiledIssue[],
  longestMs: number,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<Judged> {
  const deadline = performance.now() + longestMs;
  let quiet = false;
  let compared = performance.now();
  for (;;) {
    const snapshot = await takeSnapshot(world, issues);
    const broken = audit(snapshot);
    const settled = broken.length === 0 && world.courier.isIdle();
    if ((settled && quiet) || performance.now() > deadline || signal.aborted) {
      return { snapshot, broken };
    }
    if (!settled) tell(`not yet: ${numbered(broken)}`);
    if (!settled && performance.now() - compared > COMPARE_EVERY_MS) {
      compared = performance.now();
      await compareAgain(world);
    }
    quiet = settled;
    await pause(settled ? QUIET_MS : LOOK_MS, undefined, { signal }).catch(() => {});
  }
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
