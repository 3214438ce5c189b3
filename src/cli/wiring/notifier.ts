import { type TellDeps, tell } from "../../notify/tell.js";
import { notificationJobId } from "../../queue/producers.js";
import { type RunningWorker, startWorker, type WorkerContext } from "../../queue/worker.js";

const CONCURRENCY = 8;

/** Tells trackers and people: queue `notifications`. */
export function startNotifier(
  context: WorkerContext,
  deps: TellDeps,
  concurrency = CONCURRENCY,
): RunningWorker[] {
  return [
    startWorker(context, {
      name: "notifications",
      concurrency,
      idOf: ({ effect }) => notificationJobId(effect.id),
      process: (notification) => tell(deps, notification),
    }),
  ];
}
