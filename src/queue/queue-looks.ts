import type { Job } from "bullmq";
import { z } from "zod";
import { jobIds } from "../domain/ids.js";
import type { FailedJob, JobState, QueueLooks } from "../engine/queue-looks.js";
import { CATALOG, QUEUE_NAMES, type QueueName } from "./catalog.js";
import { PARKED_MS } from "./flow-jobs.js";
import type { Queues } from "./queues.js";

/** Queues whose failed jobs are somebody's work; maintenance comes round again by itself. */
const TOLD_OF = [
  "deliveries",
  "stages",
  "gates",
  "runs",
  "dependencies",
  "slots",
  "notifications",
] as const satisfies readonly QueueName[];

const UNFINISHED = ["active", "wait", "prioritized", "delayed", "failed"] as const;
/** Jobs in each state that are looked through for a merge. */
const MOST_MERGES = 1_000;

export function createQueueLooks(queues: Queues): QueueLooks {
  const state = (name: QueueName, id: string) => stateOf(queues, name, id);
  return {
    async flow(item, version, evaluation) {
      const [slot, run, gate, advance] = await Promise.all([
        state("slots", jobIds.slot(item, version)),
        state("runs", jobIds.run(item, version)),
        state("gates", jobIds.gate(item, version, evaluation)),
        state("stages", jobIds.advance(item, version, evaluation)),
      ]);
      const waitsFor =
        run === "children" ? await childrenOf(queues, jobIds.run(item, version)) : [];
      return { slot, run, gate, advance, waitsFor };
    },
    async hasMerge(item) {
      const jobs = await queues.get("notifications").getJobs([...UNFINISHED], 0, MOST_MERGES);
      return jobs.length > MOST_MERGES || jobs.some((job) => isMergeOf(job, item));
    },
    async failed(limit) {
      const found = await Promise.all(
        TOLD_OF.map(async (name) => {
          const jobs = await queues.get(name).getFailed(0, limit - 1);
          return jobs.flatMap((job) => (job === undefined ? [] : [failedJob(name, job)]));
        }),
      );
      return found.flat();
    },
  };
}

const STATES: Readonly<Record<string, JobState>> = {
  waiting: "waiting",
  prioritized: "waiting",
  "waiting-children": "children",
  active: "active",
  completed: "completed",
  failed: "failed",
};

async function stateOf(queues: Queues, name: QueueName, id: string): Promise<JobState> {
  const queue = queues.get(name);
  const state = await queue.getJobState(id);
  if (state !== "delayed") return STATES[state] ?? "absent";
  const job = await queue.getJob(id);
  if (job === undefined) return "absent";
  return job.delay > PARKED_MS / 2 ? "parked" : "later";
}

function isMergeOf(job: Job | undefined, item: string): boolean {
  const { data } = CATALOG.notifications.schema.safeParse(job?.data);
  return data?.item === item && data.effect.kind === "merge";
}

/** Children that have not come to their end; one may be gone while its parent still waits for it. */
async function childrenOf(queues: Queues, run: string): Promise<readonly JobState[]> {
  const job = await queues.get("runs").getJob(run);
  const { unprocessed = [] } =
    (await job?.getDependencies({ unprocessed: { count: 1_000 } })) ?? {};
  const states = unprocessed.map((key) => {
    const [queue, id = ""] = key.split(":").slice(-2);
    const name = QUEUE_NAMES.find((known) => known === queue);
    return name === undefined ? ("absent" as const) : stateOf(queues, name, id);
  });
  return Promise.all(states);
}

/** What a job speaks of, if its data can still be read. */
const pointers = z.object({
  item: z.string().nullable().catch(null),
  version: z.number().nullable().catch(null),
  evaluation: z.string().nullable().catch(null),
});

function failedJob(queue: QueueName, job: Job): FailedJob {
  const { item, version, evaluation } = pointers.parse(job.data);
  const notification =
    queue === "notifications" ? CATALOG.notifications.schema.safeParse(job.data).data : undefined;
  const delivery =
    queue === "deliveries" ? CATALOG.deliveries.schema.safeParse(job.data).data : undefined;
  return {
    queue,
    id: job.id ?? "",
    at: job.finishedOn ?? 0,
    reason: job.failedReason ?? "",
    item,
    version,
    evaluation,
    notification: notification ?? null,
    event: delivery?.event ?? null,
  };
}
