import { createRetention } from "../../engine/retention.js";
import { createJobRetention } from "../../queue/leftover-jobs.js";
import { createItemRemoval } from "../../redis/item-removal.js";
import type { FleetParts } from "./fleet.js";

/** Removes a batch of what has passed its age; returns how much. */
export type ClearAway = () => Promise<number>;

/** Finished items, and the failed jobs they leave. */
export function clearAwayOf(
  { config, store, log }: FleetParts,
  clock: () => number = () => Date.now(),
): ClearAway {
  const { items, graph, flows, locks, queues, redis, prefix } = store;
  const keepItemsMs = config.settings.retention.doneItemsMs;
  const removal = createItemRemoval(redis, prefix);
  const removeItems = createRetention({
    items,
    graph,
    flows,
    locks,
    removal,
    log,
    clock,
    keepItemsMs,
  });
  const isKept = async (item: string) => (await items.find(item)) !== null;
  const removeJobs = createJobRetention(queues, isKept);
  return async () => (await removeItems()) + (await removeJobs(clock() - keepItemsMs));
}
