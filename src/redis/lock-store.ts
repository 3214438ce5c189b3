import { randomUUID } from "node:crypto";
import type { Locks } from "../engine/locks.js";
import type { RedisConnection } from "./connection.js";
import { script } from "./script.js";

/** Locks as keys with a token and a TTL. */
export function createLockStore(redis: RedisConnection, prefix: string): Locks {
  const unlock = script(redis, "unlock");
  return {
    async take(name, ttlMs) {
      const key = `${prefix}:lock:${name}`;
      const token = randomUUID();
      const taken = await redis.set(key, token, "PX", ttlMs, "NX");
      if (taken === null) return null;
      return async () => {
        await unlock([key], [token]);
      };
    },
  };
}
