import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { World } from "../world/world.js";
import type { PlannedFault } from "./schedule.js";

/**
 * Plays the faults at their times; resolves when the last one is over, or the signal ends them all:
 * whatever was taken is given back first. Returns what was played, a line each.
 * @param tell hears of each as it has begun, and of each that there was nothing to play on
 * @throws what a fault throws that can't be played; it ends the others
 */
export async function playFaults(
  world: World,
  faults: readonly PlannedFault[],
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<readonly string[]> {
  const played: string[] = [];
  const began = performance.now();
  const failed = new AbortController();
  const over = AbortSignal.any([signal, failed.signal]);
  // Every fault waits on it.
  setMaxListeners(0, over);
  const play = async ({ fault, target, at, lastsMs }: PlannedFault) => {
    await pause(Math.max(0, began + at - performance.now()), undefined, { signal: over }).catch(
      () => {},
    );
    if (over.aborted) return;
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    const giveBack = await fault.begin(world, target);
    if (giveBack === null) return tell(`${seconds} s  not played: ${fault.name}: ${target}`);
    const line = `${seconds} s  ${fault.name}: ${target}, ${(lastsMs / 1_000).toFixed(1)} s`;
    played.push(line);
    tell(line);
    await pause(lastsMs, undefined, { signal: over }).catch(() => {});
    await giveBack();
  };
  const under = faults.map((fault) =>
    play(fault).catch((error: unknown) => {
      failed.abort();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(under);
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return played;
}
