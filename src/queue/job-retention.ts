import type { Job, Queue } from "bullmq";
import { QUEUE_NAMES, type QueueName } from "./catalog.js";
import type { Queues } from "./queues.js";

/** Completed jobs removed by one script; Redis does nothing else meanwhile. */
const AT_ONCE = 1_000;
/** Failed jobs looked at in one queue in one go. */
const BATCH = 20;
const OLDEST_FIRST = true;

/** Jobs that ended before these moments go, ms since epoch. */
export interface EndedBefore {
  readonly completed: number;
  readonly failed: number;
}

/**
 * A round that removes completed jobs that have passed their age, and failed ones whose item besides is
 * kept no more, a batch of each queue a call: a failed job stays for whoever retries it, and nobody
 * retries one without an item. Returns how many. BullMQ's workers could remove completed jobs as they
 * complete others, which each time costs them more than all else of ours does (`bench/drain.ts`).
 */
export function createJobRetention(
  queues: Queues,
  isKept: (item: string) => Promise<boolean>,
): (before: EndedBefore) => Promise<number> {
  const removeFailed = createFailedRetention(queues, isKept);
  return async ({ completed, failed }) => {
    let removed = 0;
    for (const name of QUEUE_NAMES) removed += await removeCompleted(queues.get(name), completed);
    return removed + (await removeFailed(failed));
  };
}

async function removeCompleted(queue: Queue, before: number): Promise<number> {
  let removed = 0;
  let gone = 0;
  do {
    gone = (await hasCompleted(queue, before))
      ? (await queue.clean(Date.now() - before, AT_ONCE, "completed")).length
      : 0;
    removed += gone;
  } while (gone === AT_ONCE);
  return removed;
}

/** Cleaning writes an event even where it finds nothing; an idle fleet would heap these up. */
async function hasCompleted(queue: Queue, before: number): Promise<boolean> {
  const [oldest] = await queue.getJobs(["completed"], 0, 0, OLDEST_FIRST);
  return oldest?.finishedOn !== undefined && oldest.finishedOn < before;
}

function createFailedRetention(
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
