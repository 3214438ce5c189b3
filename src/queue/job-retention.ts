import type { Job, Queue } from "bullmq";
import { QUEUE_NAMES, type QueueName } from "./catalog.js";
import type { Queues } from "./queues.js";

/** Completed jobs removed by one script; Redis does nothing else meanwhile. */
const AT_ONCE = 1_000;
/** Such scripts for one queue in one go: 660 jobs a second, every 15 s. */
const SCRIPTS = 10;
/** Failed jobs looked at in one queue in one go. */
const BATCH = 20;
const OLDEST_FIRST = true;

/** Jobs that ended before these moments go, ms since epoch. */
export interface EndedBefore {
  readonly completed: number;
  readonly failed: number;
}

export interface JobRetentionDeps {
  readonly queues: Queues;
  readonly isKept: (item: string) => Promise<boolean>;
  /** How many members of a sorted set score this much or less. */
  readonly countUpTo: (key: string, score: number) => Promise<number>;
}

/**
 * A round that removes completed jobs that have passed their age, and failed ones whose item besides is
 * kept no more, a batch of each queue a call: a failed job stays for whoever retries it, and nobody
 * retries one without an item. Returns how many. Workers don't do it: decision 18.
 */
export function createJobRetention(
  deps: JobRetentionDeps,
): (before: EndedBefore) => Promise<number> {
  const removeFailed = createFailedRetention(deps);
  return async ({ completed, failed }) => {
    let removed = 0;
    for (const name of QUEUE_NAMES) {
      removed += await removeCompleted(deps, deps.queues.get(name), completed);
    }
    return removed + (await removeFailed(failed));
  };
}

async function removeCompleted(
  { countUpTo }: JobRetentionDeps,
  queue: Queue,
  before: number,
): Promise<number> {
  // Cleaning writes an event even where it finds nothing; an idle fleet would heap these up.
  if ((await countUpTo(queue.toKey("completed"), before)) === 0) return 0;
  let removed = 0;
  for (let script = 0; script < SCRIPTS; script += 1) {
    const gone = await queue.clean(Date.now() - before, AT_ONCE, "completed");
    removed += gone.length;
    if (gone.length < AT_ONCE) break;
  }
  return removed;
}

function createFailedRetention({
  queues,
  isKept,
}: JobRetentionDeps): (endedBefore: number) => Promise<number> {
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
