import { readProcessEnvironment } from "../../config/variables.js";
import { scheduleMaintenance } from "../../queue/maintenance.js";
import { configure, requireRedisUrl } from "./configure.js";
import { drainMs } from "./drain-time.js";
import { drain, untilToldToStop } from "./lifecycle.js";
import { openStore } from "./store.js";
import { connectOutside } from "./trackers.js";
import { startWorkers, type WorkerKind } from "./workers.js";

/** One worker process from start to drained: config → store → workers → signal → drain. */
export async function runWorkerProcess(
  kind: WorkerKind,
  options: { configPath?: string | undefined; concurrency?: number | undefined } = {},
): Promise<void> {
  const { config, log } = configure(kind, { configPath: options.configPath });
  const store = await openStore(config, requireRedisUrl(config), log);
  const outside = connectOutside(config.environment, config.fleet);
  const parts = { config, env: readProcessEnvironment(), store, outside, log };
  const workers = await startWorkers(kind, parts, { concurrency: options.concurrency });
  if (kind === "stage") await scheduleMaintenance(store.queues);
  log.info(`${kind} worker is up`);
  await untilToldToStop(log);
  await drain(workers, drainMs(config), log);
  await store.close();
}
