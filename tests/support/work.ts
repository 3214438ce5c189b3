import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { startRedis, type TestRedis, uniquePrefix } from "./redis.js";

/** A connection and a prefix of one's own, closed together; `start` decides whose server it is. */
export async function openTestRedis(start: () => Promise<TestRedis> = startRedis): Promise<{
  redis: RedisConnection;
  url: string;
  prefix: string;
  close(): Promise<void>;
}> {
  const server = await start();
  const redis = connectRedis({ url: server.url, role: "worker", log: silentLogger() });
  return {
    redis,
    url: server.url,
    prefix: uniquePrefix(),
    async close() {
      redis.disconnect();
      await server.stop();
    },
  };
}
