import { jobIds } from "../../domain/ids.js";
import type { RunDeps } from "../../engine/run-deps.js";
import { runStage } from "../../engine/run-stage.js";
import { type RunningWorker, startWorker, type WorkerContext } from "../../queue/worker.js";

export const AGENT_CONCURRENCY = 4;

/** Runs agents: queue `runs`. */
export function startAgent(
  context: WorkerContext,
  deps: RunDeps,
  concurrency = AGENT_CONCURRENCY,
): RunningWorker[] {
  return [
    startWorker(context, {
      name: "runs",
      concurrency,
      idOf: (job) => jobIds.run(job.item, job.version),
      process: (job, { signal }, start) => runStage(deps, job, signal, start),
    }),
  ];
}
