import { giveUp } from "../../notify/opening-failed.js";
import { type TellDeps, tell } from "../../notify/tell.js";
import { CATALOG } from "../../queue/catalog.js";
import { notificationJobId } from "../../queue/producers.js";
import { type RunningWorker, startWorker, type WorkerContext } from "../../queue/worker.js";

const CONCURRENCY = 8;
const ATTEMPTS = CATALOG.notifications.options.attempts;

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
      process: async (notification, _stop, { failures }) => {
        try {
          return await tell(deps, notification);
        } catch (error) {
          if (failures + 1 >= ATTEMPTS) await giveUp(deps, notification, error);
          throw error;
        }
      },
    }),
  ];
}
