import type { RedisConnection } from "../../src/redis/connection.js";

/** All that is stored under keys that begin with `prefix`, by what follows it, without what the clock put in. */
export async function storedUnder(
  redis: RedisConnection,
  prefix: string,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  // Braces would be a choice of characters.
  for (const key of (await redis.keys(`${prefix.replace(/[{}]/g, "?")}*`)).sort()) {
    found[key.slice(prefix.length)] = await withoutTime(redis, key);
  }
  return found;
}

async function withoutTime(redis: RedisConnection, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case "hash": {
      const { timestamp, ...fields } = await redis.hgetall(key);
      return { ...fields, timestamp: typeof timestamp };
    }
    case "stream":
      return (await redis.xrange(key, "-", "+")).map(([, fields]) => fields.map(withoutMoment));
    case "list":
      return redis.lrange(key, 0, -1);
    case "set":
      return (await redis.smembers(key)).sort();
    case "zset":
      return (await redis.zrange(key, 0, -1, "WITHSCORES")).map(withoutMoment);
    default:
      return redis.get(key);
  }
}

/** Numbers of these lengths are times, in ms or finer. */
function withoutMoment(value: string): string {
  return /^\d{13,}$/.test(value) ? "a time" : value;
}
