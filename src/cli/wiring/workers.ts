import { pollEdges } from "../../intake/edge-poll.js";
import type { RunningWorker } from "../../queue/worker.js";
import { startAgent } from "./agent.js";
import { coreOf } from "./core.js";
import {
  agentDeps,
  type FleetParts,
  housekeepingDeps,
  notifierDeps,
  stageDeps,
  workerContext,
} from "./fleet.js";
import { startHousekeeping, withHousekeeping } from "./housekeeping.js";
import type { Rounds } from "./maintenance.js";
import { startNotifier } from "./notifier.js";
import { startParser } from "./parser.js";
import { createReconciler } from "./reconciler.js";
import { clearAwayOf } from "./retention.js";
import { startStage } from "./stage.js";
import type { WorkerKind } from "./worker-kinds.js";

/** Starts the queues' workers of one kind. `concurrency` undefined: the kind's own default. */
export async function startWorkers(
  kind: WorkerKind,
  parts: FleetParts,
  options: { concurrency?: number | undefined; pages?: string | null } = {},
): Promise<RunningWorker[]> {
  const context = workerContext(parts);
  const { concurrency } = options;
  const tended = (workers: readonly RunningWorker[]) =>
    withHousekeeping(workers, startHousekeeping(housekeepingDeps(parts)));
  switch (kind) {
    case "parser": {
      const core = coreOf(parts.config, parts.store, parts.log);
      return startParser(context, { ...parts, core }, concurrency);
    }
    case "stage":
      return tended(startStage(context, stageDeps(parts), concurrency, roundsOf(parts)));
    case "agent":
      return tended(startAgent(context, await agentDeps(parts), concurrency));
    case "notifier":
      return startNotifier(context, notifierDeps(parts, options.pages ?? null), concurrency);
  }
}

function roundsOf(parts: FleetParts): Rounds {
  const { config, store, outside, log } = parts;
  const edges = { ...coreOf(config, store, log), locks: store.locks, tracker: outside.tracker };
  return {
    clearAway: clearAwayOf(parts),
    reconcile: createReconciler(parts),
    pollEdges: () => pollEdges(edges),
  };
}
