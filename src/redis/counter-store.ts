import type { Count } from "../domain/counts.js";
import type { RedisConnection } from "./connection.js";
import { itemKeys } from "./keys.js";

/** One counter of the fleet and how far it has come. */
export interface Counted extends Count {
  readonly value: number;
}

/** Where a count stands in the hash of all; the same for the same name and labels. */
export function counterField({ name, labels }: Count): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => a.localeCompare(b));
  return JSON.stringify([name, Object.fromEntries(sorted)]);
}

/** Reads what transitions have counted in the whole fleet, by every process that ever was. */
export function createCounters(redis: RedisConnection, prefix: string): () => Promise<Counted[]> {
  return async () => {
    const stored = await redis.hgetall(itemKeys(prefix).counts);
    return Object.entries(stored).map(([field, value]) => {
      const [name, labels] = JSON.parse(field) as [Count["name"], Count["labels"]];
      return { name, labels, value: Number(value) };
    });
  };
}

/** Counts what happened outside of any item's transition. */
export function createCounting(
  redis: RedisConnection,
  prefix: string,
): (count: Count) => Promise<void> {
  return async (count) => {
    await redis.hincrbyfloat(itemKeys(prefix).counts, counterField(count), count.by ?? 1);
  };
}
