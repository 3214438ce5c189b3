/** A process that owns an embedded Redis, to be killed by the test: `<folder> <native|wasm>`. */
import { startEmbeddedRedis } from "../../dist/src/redis/embedded.js";
import { silentLogger } from "../../dist/src/telemetry/logger.js";

const [dataDir, prefer] = process.argv.slice(2);
try {
  const redis = await startEmbeddedRedis({ dataDir, prefer, log: silentLogger() });
  process.stdout.write(`${JSON.stringify({ url: redis.url, kind: redis.kind })}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ refused: error.code, message: error.message })}\n`);
}
