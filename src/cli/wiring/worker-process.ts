import { readProcessEnvironment } from "../../config/variables.js";
import { scheduleMaintenance } from "../../queue/maintenance.js";
import { configureShared } from "./configure.js";
import { drainMs } from "./drain-time.js";
import { asProcess, drain, unlessToldToStop, untilToldToStop } from "./lifecycle.js";
import { openStore } from "./store.js";
import { connectOutside } from "./trackers.js";
import type { WorkerKind } from "./worker-kinds.js";
import { startWorkers } from "./workers.js";

interface WorkerOptions {
  readonly configPath?: string | undefined;
  readonly concurrency?: number | undefined;
}

/** One worker process from start to drained: config → store → workers → signal → drain. */
export function runWorkerProcess(kind: WorkerKind, options: WorkerOptions = {}): Promise<never> {
  return asProcess(async () => {
    const { config, log, redisUrl } = configureShared(kind, { configPath: options.configPath });
    const told = untilToldToStop(log);
    log.info({ config: config.path }, "starting");
    const store = await unlessToldToStop(
      told,
      openStore(config, redisUrl, log, { role: "worker" }),
    );
    const outside = connectOutside(config.environment, config.fleet);
    const parts = { config, env: readProcessEnvironment(), store, outside, log };
    const workers = await startWorkers(kind, parts, {
      concurrency: options.concurrency,
    });
    if (kind === "stage") await scheduleMaintenance(store.queues);
    log.info(`${kind} worker is up`);
    await told;
    await drain(workers, drainMs(config), log);
    await store.close();
    log.info("drained");
  });
}
