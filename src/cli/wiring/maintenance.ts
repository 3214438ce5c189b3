import { admit } from "../../engine/admission.js";
import type { JobOutcome } from "../../engine/jobs.js";
import { type OutboxDeps, sweepOutbox } from "../../engine/outbox.js";
import { MAINTENANCE_AT_ONCE } from "../../queue/maintenance.js";
import { type RunningWorker, startWorker, type WorkerContext } from "../../queue/worker.js";
import type { Reconcile } from "./reconciler.js";
import type { ClearAway, Cleared } from "./retention.js";

/** What comes round again and again; absent: it doesn't. */
export interface Rounds {
  readonly clearAway?: ClearAway;
  readonly reconcile?: Reconcile;
  /** Asks trackers for dependencies; the number of what it asked for. */
  readonly pollEdges?: () => Promise<number>;
}

const NOTHING: Cleared = { items: 0, jobs: 0 };

/** Looks after what was left behind: queue `maintenance`. */
export function startMaintenance(
  context: WorkerContext,
  deps: OutboxDeps,
  { clearAway = async () => NOTHING, reconcile, pollEdges = async () => 0 }: Rounds,
): RunningWorker {
  const worker = startWorker(context, {
    name: "maintenance",
    concurrency: MAINTENANCE_AT_ONCE,
    process: async ({ wake, reconcile: isRound }, { signal }) => {
      if (isRound === true) return roundOf(reconcile, signal);
      const driven = wake === true ? 0 : await sweepOutbox(deps);
      await admit(deps, { afresh: true });
      if (wake !== true) await reconcile?.next();
      const removed = wake === true ? NOTHING : await clearAway();
      if (wake !== true) await pollEdges();
      return {
        kind: "finished",
        note: [
          `${driven} items had effects left behind`,
          `${removed.items} items and ${removed.jobs} jobs passed their age`,
        ].join("; "),
      };
    },
  });
  return {
    ...worker,
    async drain() {
      const drained = worker.drain();
      // A round may take minutes, and another worker goes on with it.
      worker.abort("the worker stops");
      await drained;
    },
  };
}

/** Where a tracker wants to be left alone, another round follows when it may be asked. */
async function roundOf(reconcile: Reconcile | undefined, signal: AbortSignal): Promise<JobOutcome> {
  if (reconcile === undefined) return { kind: "stale", reason: "nothing is compared here" };
  const { failed, retryAfterMs } = await reconcile.once(signal);
  if (retryAfterMs === null && !signal.aborted) {
    return { kind: "finished", note: `${failed} checks were broken off` };
  }
  const at = new Date(Date.now() + (retryAfterMs ?? 0));
  return { kind: "later", at, reason: "the round was broken off" };
}
