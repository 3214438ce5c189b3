import { startOwnRedis } from "./redis.js";

/** One Redis for all suites of a run, unless STAGECOACH_TEST_REDIS_URL names one already. */
export default async function setup(): Promise<() => Promise<void>> {
  if (process.env.STAGECOACH_TEST_REDIS_URL) return async () => undefined;
  const redis = await startOwnRedis();
  process.env.STAGECOACH_TEST_REDIS_URL = redis.url;
  return async () => {
    delete process.env.STAGECOACH_TEST_REDIS_URL;
    await redis.stop();
  };
}
