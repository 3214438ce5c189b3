import { Queue, Worker } from "bullmq";
import type { QueueName } from "../src/queue/catalog.js";
import { newJob } from "../src/queue/queues.js";
import { startWorker } from "../src/queue/worker.js";
import { connectRedis } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import type { Bench, BenchCase, Measured } from "./case.js";
import { Countdown } from "./countdown.js";
import { inTurns } from "./rounds.js";
import { perSecond } from "./words.js";

const CONCURRENCY = 16;
const NAME: QueueName = "runs";

/** The same jobs, which do nothing, through our worker and through BullMQ's own with its defaults. */
export const drain: BenchCase = {
  name: "drain",
  measure,
};

async function measure({ redis: { url }, quick }: Bench): Promise<readonly Measured[]> {
  const connection = connectRedis({ url, role: "worker", log: silentLogger() });
  const jobs = quick ? 2_000 : 6_000;
  let rounds = 0;
  const side = (start: Start) => async () => {
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
  const { ours, theirs, ratios } = await inTurns(quick ? 5 : 31, side(own), side(plain));
  connection.disconnect();
  return [
    {
      what: "draining no-op jobs through our worker ÷ a plain BullMQ `Worker`",
      goal: { kind: "at least", value: 0.95, unit: "" },
      values: ratios,
      detail: perSecond(ours, theirs, "jobs"),
    },
  ];
}

interface Workplace {
  readonly connection: ReturnType<typeof connectRedis>;
  readonly prefix: string;
  readonly work: () => void;
}
/** Starts taking jobs; returns how to stop. */
type Start = (at: Workplace) => () => Promise<void>;

const own: Start = ({ connection, prefix, work }) => {
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

const plain: Start = ({ connection, prefix, work }) => {
  const worker = new Worker(
    NAME,
    async () => {
      work();
      return "nothing";
    },
    { connection, prefix, concurrency: CONCURRENCY },
  );
  return () => worker.close();
};

async function fill(connection: Workplace["connection"], prefix: string, count: number) {
  const queue = new Queue(NAME, { connection, prefix });
  const jobs = Array.from({ length: count }, (_, at) => {
    const { name, data } = newJob(NAME, "run", "unused", { item: `ET-${at}`, version: 1 });
    return { name, data };
  });
  await queue.addBulk(jobs);
  await queue.close();
}
