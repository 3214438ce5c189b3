import { CATALOG, DATA_VERSION } from "./catalog.js";
import type { Queues } from "./queues.js";

/** Look for what a process left behind this often, in ms. */
const EVERY_MS = 15_000;

/** One scheduler for the fleet, and one sweep at a time: schedulers alone don't prevent overlap. */
export async function scheduleMaintenance(queues: Queues): Promise<void> {
  const queue = queues.get("maintenance");
  await queue.setGlobalConcurrency(1);
  await queue.upsertJobScheduler(
    "sweep",
    { every: EVERY_MS },
    { name: "sweep", data: { v: DATA_VERSION }, opts: CATALOG.maintenance.options },
  );
}

/** A clock of another host, and the store's own, may be a little behind, in ms. */
const MARGIN_MS = 20;

/** Admits slots at this moment, ms since epoch; once, however many ask for the same one. */
export async function wakeAt(queues: Queues, moment: number): Promise<void> {
  const { schema, options } = CATALOG.maintenance;
  await queues.get("maintenance").add("wake", schema.parse({ v: DATA_VERSION, wake: true }), {
    ...options,
    // Only one that is still to come may keep another from being added.
    removeOnComplete: true,
    removeOnFail: true,
    jobId: `wake-${moment}`,
    delay: Math.max(0, moment + MARGIN_MS - Date.now()),
  });
}
