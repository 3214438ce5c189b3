import { setTimeout as pause } from "node:timers/promises";
import type { World } from "../world/world.js";
import type { PlannedFault } from "./schedule.js";

/**
 * Plays the faults at their times; resolves when the last one is over, or the signal ends them all:
 * whatever was taken is given back first. @param tell hears of each as it begins
 */
export async function playFaults(
  world: World,
  faults: readonly PlannedFault[],
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  const under = faults.map(async ({ fault, target, at, lastsMs }) => {
    await pause(Math.max(0, began + at - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    tell(`${seconds} s  ${fault.name}: ${target}, ${(lastsMs / 1_000).toFixed(1)} s`);
    const giveBack = await fault.begin(world, target);
    await pause(lastsMs, undefined, { signal }).catch(() => {});
    await giveBack();
  });
  await Promise.all(under);
}
