import type { Dice } from "../../tests/support/dice.js";
import type { Fault } from "./fault.js";

export interface PlannedFault {
  readonly fault: Fault;
  readonly target: string;
  /** Ms after the beginning. */
  readonly at: number;
  readonly lastsMs: number;
}

/** The fleet works a little before the first one, in ms. */
const FIRST_MS = 3_000;
const CLOSEST_MS = 500;
const FARTHEST_MS = 4_000;

/**
 * The same dice, the same faults at the same times. All are over when the time is; several may last at
 * once, but never two of a kind on one target.
 */
export function planFaults(
  faults: readonly Fault[],
  dice: Dice,
  minutes: number,
): readonly PlannedFault[] {
  const end = minutes * 60_000;
  const chosen = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  const free = new Map<string, number>();
  const planned: PlannedFault[] = [];
  for (let at = FIRST_MS; at < end; at += CLOSEST_MS + dice.below(FARTHEST_MS - CLOSEST_MS)) {
    const fault = dice.of(chosen);
    const target = dice.of(fault.targets);
    const span = fault.longest - fault.shortest;
    const lastsMs = Math.min(fault.shortest + dice.below(span + 1), end - at);
    const hit = `${fault.name} ${target}`;
    if ((free.get(hit) ?? 0) > at || lastsMs < fault.shortest) continue;
    free.set(hit, at + lastsMs + CLOSEST_MS);
    planned.push({ fault, target, at, lastsMs });
  }
  return planned;
}
