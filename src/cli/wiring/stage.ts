import { jobIds } from "../../domain/ids.js";
import { advance } from "../../engine/advance.js";
import { type EvaluateDeps, evaluateGate } from "../../engine/evaluate.js";
import { checkEdge, checkSlot } from "../../engine/parked.js";
import { type RunningWorker, startWorker, type WorkerContext } from "../../queue/worker.js";
import { type Rounds, startMaintenance } from "./maintenance.js";

const CONCURRENCY = 16;
/** Gates run commands: as many at once as a small host has cores for. */
const GATES_AT_ONCE = 4;

/** Moves items: queues `stages`, `gates`, `dependencies`, `slots` and `maintenance`. */
export function startStage(
  context: WorkerContext,
  deps: EvaluateDeps,
  concurrency = CONCURRENCY,
  rounds: Rounds = {},
): RunningWorker[] {
  return [
    startWorker(context, {
      name: "stages",
      concurrency,
      idOf: (job) => jobIds.advance(job.item, job.version, job.evaluation),
      process: (job) => advance(deps, job),
    }),
    startWorker(context, {
      name: "gates",
      concurrency: GATES_AT_ONCE,
      idOf: (job) => jobIds.gate(job.item, job.version, job.evaluation),
      process: (job, { signal }) => evaluateGate(deps, job, signal),
    }),
    startWorker(context, {
      name: "dependencies",
      concurrency,
      idOf: (job) => jobIds.edge(job.item, job.version, job.blocker, 0),
      process: (job) => checkEdge(deps, job),
    }),
    startWorker(context, {
      name: "slots",
      concurrency,
      idOf: (job) => jobIds.slot(job.item, job.version),
      process: (job) => checkSlot(deps, job),
    }),
    startMaintenance(context, deps, rounds),
  ];
}
