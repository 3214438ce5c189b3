import type { Store } from "../../src/cli/wiring/store.js";

/** All keys (of a Redis of one's own, unless `pattern` says which) with all they hold, as one text. */
export async function readEverything(redis: Store["redis"], pattern = "*"): Promise<string> {
  const keys = (await redis.keys(pattern)).sort();
  const texts = await Promise.all(
    keys.map(async (key) => `${key} ${JSON.stringify(await read(redis, key))}`),
  );
  return texts.join("\n");
}

async function read(redis: Store["redis"], key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case "string":
      return redis.get(key);
    case "hash":
      // In no order of its own: Redis may lay a large one out anew between two looks.
      return Object.entries(await redis.hgetall(key)).sort();
    case "list":
      return redis.lrange(key, 0, -1);
    case "set":
      return (await redis.smembers(key)).sort();
    case "zset":
      return redis.zrange(key, 0, -1, "WITHSCORES");
    case "stream":
      return redis.xrange(key, "-", "+");
    case "none":
      // It expired since it was listed.
      return null;
    default:
      throw new Error(`${key} is a ${type}, which nobody reads`);
  }
}
