import type { Fault } from "./fault.js";

/** Killed, and started again on what it had written. */
export const killedRedis: Fault = {
  name: "Redis is killed",
  targets: ["redis"],
  shortest: 200,
  longest: 8_000,
  weight: 2,
  async begin({ redis }) {
    await redis.kill();
    return () => redis.start();
  },
};
