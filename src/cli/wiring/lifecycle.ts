import type { RunningWorker } from "../../queue/worker.js";
import type { Logger } from "../../telemetry/logger.js";

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilToldToStop(log: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let told = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (told) {
        log.warn({ signal }, "told twice: stopping at once");
        process.exit(1);
      }
      told = true;
      log.info({ signal }, "stopping; what is under way may end");
      resolve(signal);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

/**
 * Takes nothing new and lets what is under way end; what hasn't after `drainMs` is stopped and runs
 * again elsewhere.
 */
export async function drain(
  workers: readonly RunningWorker[],
  drainMs: number,
  log: Logger,
): Promise<void> {
  const deadline = setTimeout(() => {
    log.warn("the drain's time is up; stopping what is left");
    for (const worker of workers) worker.abort("the worker is stopping");
  }, drainMs);
  try {
    await Promise.all(workers.map((worker) => worker.drain()));
  } finally {
    clearTimeout(deadline);
  }
}
