import { findNativeServer, startNative } from "./embedded-native.js";
import { type EmbeddedOptions, type EmbeddedRedis, EmbeddedRedisError } from "./embedded-server.js";
import { startWasm } from "./embedded-wasm.js";

/**
 * Starts `redis-server` or `valkey-server` from PATH, append-only below `dataDir`; without one, the
 * engine in WebAssembly, in memory. Either ends with this process, however that ends.
 * @throws EmbeddedRedisError `in-use` while another process runs one on the same folder
 */
export async function startEmbeddedRedis(options: EmbeddedOptions): Promise<EmbeddedRedis> {
  if (options.prefer !== "wasm") {
    const server = await findNativeServer();
    if (server !== null) return startNative(server, options);
    if (options.prefer === "native") {
      throw new EmbeddedRedisError(
        "no-server",
        "neither redis-server nor valkey-server is on PATH; install one, or set REDIS_URL",
      );
    }
  }
  return startWasm(options.log);
}
