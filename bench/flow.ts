import { type FlowJob, FlowProducer, Queue, Worker } from "bullmq";
import { AFTER_RUN, jobIds } from "../src/domain/ids.js";
import { createFlowJobs, createFlows, PARKED_MS } from "../src/queue/flow-jobs.js";
import { createQueues } from "../src/queue/queues.js";
import { startWorker } from "../src/queue/worker.js";
import { connectRedis } from "../src/redis/connection.js";
import { createFlowStore } from "../src/redis/flow-store.js";
import { silentLogger } from "../src/telemetry/logger.js";
import type { Bench, BenchCase, Measured } from "./case.js";
import { Countdown } from "./countdown.js";
import { inTurns } from "./rounds.js";
import { perSecond } from "./words.js";

const CONCURRENCY = 8;
/** From the last to the first that runs. */
const QUEUES = ["stages", "gates", "runs", "slots"] as const;

/** A stage's flow of four jobs, whose slot is parked and promoted, from its adding to its last job. */
export const flow: BenchCase = {
  name: "flow",
  measure,
};

async function measure({ redis: { url }, quick }: Bench): Promise<readonly Measured[]> {
  const connection = connectRedis({ url, role: "worker", log: silentLogger() });
  const flows = quick ? 400 : 1_200;
  let rounds = 0;
  const side = (open: Open) => async () => {
    rounds += 1;
    const left = new Countdown(flows);
    const { add, close } = open({
      connection,
      prefix: `{flow-${rounds}}`,
      ended: () => left.one(),
    });
    const from = performance.now();
    for (let at = 0; at < flows; at += AT_ONCE) {
      const together = Array.from({ length: Math.min(AT_ONCE, flows - at) }, (_, i) => at + i);
      await Promise.all(together.map((number) => add(`ET-${number}`)));
    }
    await left.over;
    const rate = flows / ((performance.now() - from) / 1_000);
    await close();
    await connection.flushall();
    return rate;
  };
  const { ours, theirs, ratios } = await inTurns(quick ? 5 : 11, side(own), side(plain));
  connection.disconnect();
  return [
    {
      what: "adding and draining a stage's flow ÷ the same flow by a plain `FlowProducer` and `Worker`s",
      goal: { kind: "at least", value: 0.9, unit: "" },
      values: ratios,
      detail: perSecond(ours, theirs, "flows"),
    },
  ];
}

const AT_ONCE = 50;

interface Workplace {
  readonly connection: ReturnType<typeof connectRedis>;
  readonly prefix: string;
  /** Told of each flow whose last job has run. */
  readonly ended: () => void;
}
type Open = (at: Workplace) => {
  readonly add: (item: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

const own: Open = ({ connection, prefix, ended }) => {
  const queues = createQueues(connection, prefix);
  const flows = createFlows(queues, createFlowStore(connection, prefix, createFlowJobs(queues)));
  const context = { connection, prefix, log: silentLogger() };
  const workers = QUEUES.map((name) =>
    startWorker(context, {
      name,
      concurrency: CONCURRENCY,
      process: async () => {
        if (name === "stages") ended();
        return { kind: "finished", note: "nothing" };
      },
    }),
  );
  return {
    async add(item) {
      const run = { unmet: [] };
      await flows.add({ item, version: 1, evaluation: AFTER_RUN, trigger: "run", run });
      await flows.promote(flows.slotJob(item, 1));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.drain()));
      await queues.close();
    },
  };
};

const plain: Open = ({ connection, prefix, ended }) => {
  const producer = new FlowProducer({ connection, prefix });
  const slots = new Queue("slots", { connection, prefix });
  const workers = QUEUES.map((name) => {
    const work = async () => {
      if (name === "stages") ended();
      return "nothing";
    };
    return new Worker(name, work, { connection, prefix, concurrency: CONCURRENCY });
  });
  return {
    async add(item) {
      await producer.add(plainFlow(item, prefix));
      const slot = await slots.getJob(jobIds.slot(item, 1));
      await slot?.promote();
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([producer.close(), slots.close()]);
    },
  };
};

/** The jobs that ours has, with the same names, ids and data. */
function plainFlow(item: string, prefix: string): FlowJob {
  const version = 1;
  const evaluation = AFTER_RUN;
  const base = { v: 1, item, version };
  const slot = {
    name: `${item} waits for a slot`,
    queueName: "slots",
    prefix,
    data: base,
    opts: { jobId: jobIds.slot(item, version), delay: PARKED_MS },
  };
  const run = {
    name: `${item} run`,
    queueName: "runs",
    prefix,
    data: base,
    opts: { jobId: jobIds.run(item, version) },
    children: [slot],
  };
  const gate = {
    name: `${item} gate`,
    queueName: "gates",
    prefix,
    data: { ...base, evaluation, trigger: "run" },
    opts: { jobId: jobIds.gate(item, version, evaluation) },
    children: [run],
  };
  return {
    name: `${item} advance`,
    queueName: "stages",
    prefix,
    data: { ...base, evaluation },
    opts: { jobId: jobIds.advance(item, version, evaluation) },
    children: [gate],
  };
}
