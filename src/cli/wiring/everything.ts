import type { Config } from "../../config/load.js";
import type { RawEnvironment } from "../../config/variables.js";
import { scheduleMaintenance } from "../../queue/maintenance.js";
import { startEmbeddedRedis } from "../../redis/embedded.js";
import type { EmbeddedRedis } from "../../redis/embedded-server.js";
import type { Logger } from "../../telemetry/logger.js";
import { drainMs } from "./drain-time.js";
import { drain, unlessToldToStop } from "./lifecycle.js";
import type { Observer } from "./observed-items.js";
import { type Receiver, startReceiver } from "./receiver.js";
import { openStore, RECEIVER_STORE, type Store } from "./store.js";
import { connectOutside } from "./trackers.js";
import { WORKER_KINDS } from "./worker-kinds.js";
import { startWorkers } from "./workers.js";

export interface Everything {
  readonly receiver: Receiver;
  readonly store: Store;
  /** Null: REDIS_URL names one. */
  readonly redis: EmbeddedRedis | null;
  /** Stops taking work, lets what is under way end, and closes all. */
  stop(): Promise<void>;
}

export interface EverythingOptions {
  readonly observe?: Observer;
  /** Resolves when the process is told to stop, which it may be before there is anything to stop. */
  readonly told?: Promise<NodeJS.Signals>;
}

/** Receiver and all workers in this process, on the Redis of REDIS_URL or one of our own. */
export async function startEverything(
  config: Config,
  env: RawEnvironment,
  log: Logger,
  { observe = () => {}, told = new Promise(() => {}) }: EverythingOptions = {},
): Promise<Everything> {
  const { redisUrl, dataDir } = config.environment;
  const redis = redisUrl === null ? await startEmbeddedRedis({ dataDir, log }) : null;
  const url = redisUrl ?? redis?.url ?? "";
  const opening = Promise.all([
    openStore(config, url, log, { role: "worker", observe }),
    openStore(config, url, log, RECEIVER_STORE),
  ]);
  const [store, receiverStore] = await unlessToldToStop(told, opening);
  const outside = connectOutside(config.environment, config.fleet);
  const parts = { config, env, store, outside, log };
  const receiver = await startReceiver(config, receiverStore, log);
  const started = await Promise.all(
    WORKER_KINDS.map((kind) => startWorkers(kind, parts, { pages: receiver.url })),
  );
  const workers = started.flat();
  await scheduleMaintenance(store.queues);
  return {
    receiver,
    store,
    redis,
    async stop() {
      await receiver.close();
      await drain(workers, drainMs(config), log);
      await Promise.all([store.close(), receiverStore.close()]);
      await redis?.stop();
    },
  };
}
