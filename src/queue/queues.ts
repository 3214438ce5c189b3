import type { ConnectionOptions, Job, Queue } from "bullmq";
import { CATALOG, DATA_VERSION, type JobData, QUEUE_NAMES, type QueueName } from "./catalog.js";
import { LeanQueue } from "./lean-jobs.js";

/** Anything the queue can talk through: an ioredis client made by `redis/connection`. */
export type QueueConnection = ConnectionOptions;

/** A job whose data was parsed, as BullMQ takes it. */
type NewJob = Parameters<Queue["addBulk"]>[0][number];

export interface Queues {
  readonly prefix: string;
  get(name: QueueName): Queue;
  add<Name extends QueueName>(
    name: Name,
    title: string,
    id: string,
    data: Omit<JobData<Name>, "v">,
    /** Not before this has passed, in ms. */
    delay?: number,
  ): Promise<Job>;
  /** The connection itself stays open: whoever made it closes it. */
  close(): Promise<void>;
}

/** Of each queue; nobody follows them, and they would be most of what an idle fleet keeps. */
const EVENTS_KEPT = 100;

/** All queues over one shared producer connection. */
export function createQueues(connection: QueueConnection, prefix: string): Queues {
  const streams = { events: { maxLen: EVENTS_KEPT } };
  const queues = new Map(
    QUEUE_NAMES.map(
      (name) => [name, new LeanQueue(name, { connection, prefix, streams })] as const,
    ),
  );
  // The shared connection reports each outage once; without a listener BullMQ prints every retry.
  for (const queue of queues.values()) queue.on("error", saidElsewhere);
  const get = (name: QueueName) => {
    const queue = queues.get(name);
    if (queue === undefined) throw new Error(`there is no queue ${name}`);
    return queue;
  };
  return {
    prefix,
    get,
    async add(name, title, id, data, delay) {
      const job = newJob(name, title, id, data);
      const opts = delay === undefined ? job.opts : { ...job.opts, delay };
      return get(name).add(job.name, job.data, opts);
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** @throws ZodError if the data isn't of the queue's kind */
export function newJob<Name extends QueueName>(
  name: Name,
  title: string,
  id: string,
  data: Omit<JobData<Name>, "v">,
): NewJob {
  const { schema, options } = CATALOG[name];
  return {
    name: title,
    data: schema.parse({ ...data, v: DATA_VERSION }),
    opts: { ...options, jobId: id },
  };
}

function saidElsewhere(): void {}
