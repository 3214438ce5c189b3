import { CATALOG, DATA_VERSION } from "./catalog.js";
import { promoteDelayed } from "./promote.js";
import type { Queues } from "./queues.js";

/** Look for what a process left behind this often, in ms. */
const EVERY_MS = 15_000;

/** A round of comparing follows the one before after this, in ms. */
const RECONCILE_EVERY_MS = 3 * 60_000;
const ROUND_ID = "reconcile";

/**
 * In the whole fleet: a round of comparing may take minutes, and who waits for a slot mustn't wait for
 * it. Two sweeps at once, which schedulers alone don't prevent, do nothing twice.
 */
export const MAINTENANCE_AT_ONCE = 2;

/** One scheduler for the fleet, and a round of comparing now. */
export async function scheduleMaintenance(queues: Queues): Promise<void> {
  const queue = queues.get("maintenance");
  await queue.setGlobalConcurrency(MAINTENANCE_AT_ONCE);
  await scheduleRound(queues, 0);
  await queue.upsertJobScheduler(
    "sweep",
    { every: EVERY_MS },
    { name: "sweep", data: { v: DATA_VERSION }, opts: CATALOG.maintenance.options },
  );
}

/**
 * A round comes after this delay, unless one is to come or under way: there is one at a time in the
 * whole fleet, since while its job is kept no other of its id is added. One to come comes at once
 * where there is no delay.
 */
export async function scheduleRound(queues: Queues, delay = RECONCILE_EVERY_MS): Promise<void> {
  const { schema, options } = CATALOG.maintenance;
  const queue = queues.get("maintenance");
  await queue.add("reconcile", schema.parse({ v: DATA_VERSION, reconcile: true }), {
    ...options,
    removeOnComplete: true,
    removeOnFail: true,
    jobId: ROUND_ID,
    delay,
  });
  if (delay === 0) await promoteDelayed(queue, ROUND_ID);
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
