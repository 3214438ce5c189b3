import { createRetention } from "../../engine/retention.js";
import { createJobRetention } from "../../queue/job-retention.js";
import { createItemRemoval } from "../../redis/item-removal.js";
import type { FleetParts } from "./fleet.js";

/** How many of each were removed. */
export interface Cleared {
  readonly items: number;
  readonly jobs: number;
}

/** Removes what has passed its age, of items a batch. */
export type ClearAway = () => Promise<Cleared>;

/** Finished items with the failed jobs they leave, and completed jobs. */
export function clearAwayOf(
  { config, store, log }: FleetParts,
  clock: () => number = () => Date.now(),
): ClearAway {
  const { items, graph, flows, locks, queues, redis, prefix } = store;
  const { doneItemsMs: keepItemsMs, jobsMs: keepJobsMs } = config.settings.retention;
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
  const removeJobs = createJobRetention({
    queues,
    isKept,
    countUpTo: (key, score) => redis.zcount(key, "-inf", score),
  });
  return async () => {
    const now = clock();
    // First: an item that can't be read keeps no job.
    const jobs = await removeJobs({ completed: now - keepJobsMs, failed: now - keepItemsMs });
    return { items: await removeItems(), jobs };
  };
}
