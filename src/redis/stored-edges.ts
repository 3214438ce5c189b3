import type { RedisConnection } from "./connection.js";

/** An edge as it is stored with its dependent: how many sources state it, and "!" while it is unmet. */
export function isUnmet(stored: string): boolean {
  return stored.endsWith("!");
}

/** The blockers that hold a dependent up, of the edges stored under `key`. */
export async function readUnmet(redis: RedisConnection, key: string): Promise<readonly string[]> {
  const edges = await redis.hgetall(key);
  return Object.keys(edges).filter((blocker) => isUnmet(edges[blocker] ?? ""));
}
