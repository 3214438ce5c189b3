import { QUEUE_NAMES } from "../src/queue/catalog.js";
import type { Queues } from "../src/queue/queues.js";
import type { SeenJob } from "./snapshot.js";

const UNFINISHED = [
  "waiting",
  "active",
  "delayed",
  "prioritized",
  "waiting-children",
  "failed",
] as const;

/** Jobs of every queue that didn't complete. */
export async function unfinishedJobs(queues: Queues): Promise<readonly SeenJob[]> {
  const places = QUEUE_NAMES.flatMap((queue) => UNFINISHED.map((state) => ({ queue, state })));
  const lists = await Promise.all(
    places.map(async ({ queue, state }) => {
      const jobs = await queues.get(queue).getJobs([state]);
      // One that ended between the list and the look isn't there any more.
      return jobs.filter(Boolean).map(({ id = "", failedReason = "" }) => {
        return { queue, id, state, reason: failedReason };
      });
    }),
  );
  return lists.flat();
}
