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
  // A shared machine's pace changes within seconds: many short turns say more than a few long ones.
  const jobs = 1_500;
  const { ours, theirs, ratios } = await inTurns(
    quick ? 20 : 600,
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
