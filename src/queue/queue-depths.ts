import { QUEUE_NAMES, type QueueName } from "./catalog.js";
import type { Queues } from "./queues.js";

export interface QueueDepth {
  readonly queue: QueueName;
  /** Jobs by state, as BullMQ names them. */
  readonly jobs: Readonly<Record<string, number>>;
  /** Since the oldest job that waits for a worker was added, in ms; 0: none waits. */
  readonly oldestWaitingMs: number;
}

const STATES = ["waiting", "active", "delayed", "waiting-children", "failed"] as const;
const OLDEST_FIRST = true;

/** How full each queue is, and how long its first in line has been there. */
export function createQueueDepths(
  queues: Queues,
  clock: () => number,
): () => Promise<readonly QueueDepth[]> {
  return () =>
    Promise.all(
      QUEUE_NAMES.map(async (name) => {
        const queue = queues.get(name);
        const [jobs, [oldest]] = await Promise.all([
          queue.getJobCounts(...STATES),
          queue.getJobs(["waiting"], 0, 0, OLDEST_FIRST),
        ]);
        const oldestWaitingMs = oldest === undefined ? 0 : Math.max(0, clock() - oldest.timestamp);
        return { queue: name, jobs, oldestWaitingMs };
      }),
    );
}
