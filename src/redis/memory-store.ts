import type { Memory } from "../intake/reconcile/check.js";
import type { RedisConnection } from "./connection.js";

/** What the reconciler remembers, in one hash: marks of projects and of jobs that failed, no more. */
export function createMemoryStore(redis: RedisConnection, prefix: string): Memory {
  const key = `${prefix}:reconciler`;
  const get: Memory["get"] = (name) => redis.hget(key, name);
  return {
    get,
    async put(name, value) {
      await redis.hset(key, name, value);
    },
    async first(name, value) {
      await redis.hsetnx(key, name, value);
      return (await get(name)) ?? value;
    },
    async names(start) {
      return (await redis.hkeys(key)).filter((name) => name.startsWith(start));
    },
    async forget(names) {
      if (names.length > 0) await redis.hdel(key, ...names);
    },
  };
}
