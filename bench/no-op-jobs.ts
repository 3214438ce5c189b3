import { Queue } from "bullmq";
import type { QueueName } from "../src/queue/catalog.js";
import { newJob } from "../src/queue/queues.js";
import { startWorker } from "../src/queue/worker.js";
import type { RedisConnection } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { Countdown } from "./countdown.js";
import type { Side } from "./rounds.js";

/** Of whoever drains them. */
export const CONCURRENCY = 16;
export const NAME: QueueName = "runs";

interface Workplace {
  readonly connection: RedisConnection;
  readonly prefix: string;
  readonly work: () => void;
}
/** Starts taking jobs; returns how to stop. */
export type Start = (at: Workplace) => () => Promise<void>;

/** So many jobs that do nothing, there before whoever drains them starts. */
export function drains(connection: RedisConnection, jobs: number, start: Start): Side {
  let rounds = 0;
  return async () => {
    rounds += 1;
    const prefix = `{drain-${rounds}}`;
    await fill(connection, prefix, jobs);
    const left = new Countdown(jobs);
    const from = performance.now();
    const stop = start({ connection, prefix, work: () => left.one() });
    await left.over;
    const rate = jobs / ((performance.now() - from) / 1_000);
    await stop();
    await connection.flushall();
    return rate;
  };
}

export const ourWorker: Start = ({ connection, prefix, work }) => {
  const worker = startWorker(
    { connection, prefix, log: silentLogger() },
    {
      name: NAME,
      concurrency: CONCURRENCY,
      process: async () => {
        work();
        return { kind: "finished", note: "nothing" };
      },
    },
  );
  return () => worker.drain();
};

/** The data of the job of this number. */
export function jobOf(number: number) {
  return newJob(NAME, "run", "unused", { item: `ET-${number}`, version: 1 });
}

async function fill(connection: RedisConnection, prefix: string, count: number) {
  const queue = new Queue(NAME, { connection, prefix });
  const jobs = Array.from({ length: count }, (_, at) => {
    const { name, data } = jobOf(at);
    return { name, data };
  });
  await queue.addBulk(jobs);
  await queue.close();
}
