import type { RedisConnection } from "../src/redis/connection.js";

/** What Redis has taken for all it holds, in bytes. */
export async function usedMemory(redis: RedisConnection): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info("memory"))?.[1]);
}
