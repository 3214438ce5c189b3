import { type HousekeepingDeps, keepHouse } from "../../engine/housekeeping.js";
import type { RunningWorker } from "../../queue/worker.js";

const EVERY_MS = 10 * 60_000;

export interface Housekeeping {
  /** Begins no other round, and lets one that is under way end. */
  stop(): Promise<void>;
}

/** Each host has a disk of its own, so its workers look after it: at start and every ten minutes. */
export function startHousekeeping(deps: HousekeepingDeps, everyMs = EVERY_MS): Housekeeping {
  let round: Promise<void> | null = null;
  const keep = async () => {
    try {
      await keepHouse(deps);
    } catch (error) {
      deps.log.warn({ err: error }, "housekeeping failed; the next round goes on");
    } finally {
      round = null;
    }
  };
  const begin = () => {
    round ??= keep();
  };
  begin();
  const timer = setInterval(begin, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}

/** The workers of a process, the first of which ends the housekeeping too when it drains. */
export function withHousekeeping(
  workers: readonly RunningWorker[],
  housekeeping: Housekeeping,
): RunningWorker[] {
  return workers.map((worker, index) =>
    index > 0
      ? worker
      : {
          ...worker,
          async drain() {
            await Promise.all([housekeeping.stop(), worker.drain()]);
          },
        },
  );
}
