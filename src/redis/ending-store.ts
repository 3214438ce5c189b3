import type { Endings } from "../intake/deps.js";
import type { RedisConnection } from "./connection.js";

/** Later than this no tracker delivers. */
const KEPT_S = 7 * 86_400;

/** The latest ending of each issue, under a key that runs out. */
export function createEndingStore(redis: RedisConnection, prefix: string): Endings {
  const key = (issue: string) => `${prefix}:ended:${issue}`;
  const last: Endings["last"] = (issue) => redis.get(key(issue));
  return {
    last,
    /** Deliveries of one issue are taken in one by one, so nobody writes in between. */
    async note(issue, updatedAt) {
      const before = await last(issue);
      if (before !== null && Date.parse(before) >= Date.parse(updatedAt)) return;
      await redis.set(key(issue), updatedAt, "EX", KEPT_S);
    },
  };
}
