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
