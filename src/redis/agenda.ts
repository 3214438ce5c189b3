import type { Agenda } from "../engine/graph.js";
import type { RedisConnection } from "./connection.js";
import { graphKeys } from "./keys.js";

/** Entries in a sorted set by the time they are due; how often each was put off in a hash. */
export function createAgenda(redis: RedisConnection, prefix: string): Agenda {
  const { agenda, agendaTimes } = graphKeys(prefix);
  return {
    async add(entry, at) {
      await redis.zadd(agenda, "NX", at, entry);
    },
    async due(now, limit) {
      return redis.zrangebyscore(agenda, "-inf", now, "LIMIT", 0, limit);
    },
    async putOff(entry, at) {
      await redis.zadd(agenda, "XX", at, entry);
    },
    async countLook(entry) {
      return redis.hincrby(agendaTimes, entry, 1);
    },
    async drop(entry) {
      await redis.multi().zrem(agenda, entry).hdel(agendaTimes, entry).exec();
    },
  };
}
