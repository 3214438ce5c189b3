import type { Refusals } from "../intake/deps.js";
import type { RedisConnection } from "./connection.js";

/** Refused issues as a set in Redis; one that starts or is forgotten leaves it. */
export function createRefusalStore(redis: RedisConnection, prefix: string): Refusals {
  const key = `${prefix}:refused`;
  return {
    async note(issue) {
      await redis.sadd(key, issue);
    },
    async has(issue) {
      return (await redis.sismember(key, issue)) === 1;
    },
    async forget(issue) {
      await redis.srem(key, issue);
    },
  };
}
