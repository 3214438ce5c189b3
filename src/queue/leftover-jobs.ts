import type { Job } from "bullmq";
import { QUEUE_NAMES, type QueueName } from "./catalog.js";
import type { Queues } from "./queues.js";

/** Failed jobs looked at in one queue in one go. */
const BATCH = 20;
const OLDEST_FIRST = true;

/**
 * A round that removes failed jobs that ended before a moment, ms since epoch, and whose item is kept
 * no more; a batch of each queue a call. Returns how many. A failed job stays for whoever retries it,
 * and nobody retries one without an item. (Jobs that succeeded age out by themselves.)
 */
export function createJobRetention(
  queues: Queues,
  isKept: (item: string) => Promise<boolean>,
): (endedBefore: number) => Promise<number> {
  const places = new Map<QueueName, number>();
  return async (endedBefore) => {
    let removed = 0;
    for (const name of QUEUE_NAMES) {
      const place = places.get(name) ?? 0;
      const jobs: Job[] = await queues
        .get(name)
        .getJobs(["failed"], place, place + BATCH - 1, OLDEST_FIRST);
      const old = jobs.filter((job) => (job.finishedOn ?? endedBefore) < endedBefore);
      let gone = 0;
      for (const job of old) {
        if (await isOf(job, isKept)) continue;
        await job.remove();
        gone += 1;
      }
      removed += gone;
      places.set(name, old.length < BATCH ? 0 : place + old.length - gone);
    }
    return removed;
  };
}

/** Is it of an item that is kept? */
async function isOf(job: Job, isKept: (item: string) => Promise<boolean>): Promise<boolean> {
  const data: unknown = job.data;
  const item =
    typeof data === "object" && data !== null && "item" in data && typeof data.item === "string"
      ? data.item
      : null;
  return item !== null && isKept(item);
}
