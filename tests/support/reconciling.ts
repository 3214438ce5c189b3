import { createReconciler } from "../../src/cli/wiring/reconciler.js";
import type { HistoryEntry } from "../../src/domain/work-item.js";
import type { Round } from "../../src/intake/reconcile/round.js";
import { createCounters } from "../../src/redis/counter-store.js";
import type { RunningFleet } from "./running-fleet.js";

/** One round, and what follows of it. */
export async function reconcileOnce(fleet: RunningFleet): Promise<Round> {
  const round = await createReconciler(fleet.parts).once();
  await fleet.untilQuiet();
  return round;
}

const PATIENCE_MS = 100_000;

/** One round in a fleet that only takes deliveries in. */
export async function reconcileAndTakeIn(fleet: RunningFleet): Promise<Round> {
  const round = await createReconciler(fleet.parts).once();
  const deliveries = fleet.store.queues.get("deliveries");
  const deadline = Date.now() + PATIENCE_MS;
  while ((await deliveries.getJobCountByTypes("waiting", "active", "delayed")) > 0) {
    if (Date.now() > deadline) throw new Error("deliveries are not taken in");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return round;
}

/** How often each kind was recovered in the fleet's life. */
export async function recoveredIn({ store }: RunningFleet): Promise<Record<string, number>> {
  const counted = await createCounters(store.redis, store.prefix)();
  const own = counted.filter(({ name }) => name === "recovered");
  return Object.fromEntries(own.map(({ labels, value }) => [labels.kind ?? "", value]));
}

export async function recoveries(fleet: RunningFleet, id: string): Promise<HistoryEntry[]> {
  const history = await fleet.store.items.history(id);
  return history.filter(({ kind }) => kind === "recovered");
}

/** Trackers' webhooks were sent and everything they brought has come to rest. */
export async function heard(fleet: RunningFleet): Promise<void> {
  await fleet.gitea.settled();
  await fleet.untilQuiet();
}
