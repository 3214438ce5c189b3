import { Worker } from "bullmq";
import { connectRedis } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import type { Bench, BenchCase, Measured } from "./case.js";
import { CONCURRENCY, drains, NAME, ourWorker, type Start } from "./no-op-jobs.js";
import { inTurns } from "./rounds.js";
import { perSecond } from "./words.js";

/** The same jobs, which do nothing, through our worker and through BullMQ's own with its defaults. */
export const drain: BenchCase = {
  name: "drain",
  measure,
};

async function measure({ redis: { url }, quick }: Bench): Promise<readonly Measured[]> {
  const connection = connectRedis({ url, role: "worker", log: silentLogger() });
  const jobs = quick ? 2_000 : 6_000;
  const { ours, theirs, ratios } = await inTurns(
    quick ? 5 : 93,
    drains(connection, jobs, ourWorker),
    drains(connection, jobs, plain),
  );
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
