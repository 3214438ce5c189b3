import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { Countdown } from "./countdown.js";
import { CONCURRENCY, jobOf, NAME } from "./no-op-jobs.js";
import type { Peer } from "./peers.js";

/** @param batch how many its process locks ahead; with more than one, what is done is completed together too */
export async function openGraphileWorker(url: string, batch: number): Promise<Peer> {
  const logger = new Logger(() => () => {});
  const shared = { connectionString: url, schema: `graphile_worker_${batch}`, logger };
  const utils = await makeWorkerUtils(shared);
  await utils.migrate();
  const inBatches = {
    localQueue: { size: batch },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  };
  const worker = {
    ...shared,
    concurrentJobs: CONCURRENCY,
    maxPoolSize: CONCURRENCY + 2,
    ...(batch === 1 ? {} : inBatches),
  };
  return {
    what: "graphile-worker",
    settings: batch === 1 ? "no local queue" : "a local queue",
    async fill(jobs) {
      await utils.addJobs(
        Array.from({ length: jobs }, (_, at) => ({ identifier: NAME, payload: jobOf(at).data })),
      );
    },
    async drain(jobs) {
      const left = new Countdown(jobs);
      const runner = await run({
        preset: { worker },
        taskList: { [NAME]: async () => left.one() },
        noHandleSignals: true,
      });
      await left.over;
      // Which completes what was only carried out.
      await runner.stop();
    },
    close: async () => utils.release(),
  };
}
