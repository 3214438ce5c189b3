import { createMasker } from "../../agents/mask.js";
import { type Round, type RoundDeps, reconcile } from "../../intake/reconcile/round.js";
import { scheduleRound } from "../../queue/maintenance.js";
import { createRecoveryQueue } from "../../queue/producers.js";
import { createQueueLooks } from "../../queue/queue-looks.js";
import { createCounting } from "../../redis/counter-store.js";
import { createEndingStore } from "../../redis/ending-store.js";
import { createMemoryStore } from "../../redis/memory-store.js";
import { createRefusalStore } from "../../redis/refusal-store.js";
import { coreOf } from "./core.js";
import type { FleetParts } from "./fleet.js";

export interface Reconcile {
  /** Compares everything once. */
  once(signal?: AbortSignal): Promise<Round>;
  /** Sees to it that another round follows. */
  next(): Promise<void>;
}

export function createReconciler({ config, store, outside, log }: FleetParts): Reconcile {
  const deps: RoundDeps = {
    ...coreOf(config, store, log.child({ part: "reconciler" })),
    tracker: outside.tracker,
    forgeOf: outside.forgeOf,
    refusals: createRefusalStore(store.redis, store.prefix),
    endings: createEndingStore(store.redis, store.prefix),
    recoveries: createRecoveryQueue(store.queues),
    jobs: createQueueLooks(store.queues),
    memory: createMemoryStore(store.redis, store.prefix),
    count: createCounting(store.redis, store.prefix),
    mask: createMasker(config.environment.secrets).mask,
  };
  return {
    once: (signal) => reconcile(deps, signal),
    next: () => scheduleRound(store.queues),
  };
}
