import { type Fault, OVER } from "./fault.js";

const REDIS = { targets: ["redis"] } as const;

/** Killed, and started again on what it had written. */
export const killedRedis: Fault = {
  ...REDIS,
  name: "Redis is killed",
  shortest: 200,
  longest: 8_000,
  weight: 2,
  async begin({ redis }) {
    await redis.kill();
    return () => redis.start();
  },
};

export const frozenRedis: Fault = {
  ...REDIS,
  name: "Redis is frozen",
  shortest: 500,
  longest: 8_000,
  weight: 1,
  async begin({ redis }) {
    if (!redis.signal("SIGSTOP")) return null;
    return async () => void redis.signal("SIGCONT");
  },
};

/** Every connection at once. */
export const killedClients: Fault = {
  ...REDIS,
  name: "CLIENT KILL",
  shortest: 0,
  longest: 0,
  weight: 2,
  async begin({ redis }) {
    // ioredis sends CLIENT before a connection is ready, too, and forgets it when that connection ends.
    await redis.admin.ping();
    await Promise.all([
      redis.admin.client("KILL", "TYPE", "normal", "SKIPME", "yes"),
      redis.admin.client("KILL", "TYPE", "pubsub"),
    ]);
    return OVER;
  },
};

/** It refuses whatever might take memory, and goes on answering all else. */
export const redisOutOfMemory: Fault = {
  ...REDIS,
  name: "Redis is out of memory",
  shortest: 500,
  longest: 8_000,
  weight: 2,
  async begin({ redis }) {
    await redis.admin.config("SET", "maxmemory", "1mb");
    return async () => void (await redis.admin.config("SET", "maxmemory", "0"));
  },
};
