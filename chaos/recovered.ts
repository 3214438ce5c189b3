import type { RedisConnection } from "../src/redis/connection.js";
import { createCounters } from "../src/redis/counter-store.js";

/** What the reconciler found missed and brought to effect, by kind, as the fleet counts it. */
export async function recoveredIn(
  redis: RedisConnection,
  prefix: string,
): Promise<Readonly<Record<string, number>>> {
  const counts = await createCounters(redis, prefix)();
  const own = counts.filter(({ name }) => name === "recovered");
  return Object.fromEntries(own.map(({ labels, value }) => [labels.kind ?? "", value]));
}
