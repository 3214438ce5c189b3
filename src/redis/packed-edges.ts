import type { RedisConnection } from "./connection.js";
import type { Migration } from "./migration.js";
import { script } from "./script.js";

const AT_ONCE = 1_000;

/**
 * Edges were sets, and unmet blockers a key of their own: a third more memory. Each key goes over in one
 * script, so that one cut off anywhere begins again.
 */
export const packedEdges: Migration = {
  to: 3,
  name: "edges are packed",
  async run(redis, prefix) {
    const pack = script(redis, "pack-edges");
    for (const sets of ["stated", "dependents"]) {
      await each(redis, `${prefix}:${sets}:`, (key) => pack([key], []));
    }
    const counts = `${prefix}:edge-sources:`;
    await each(redis, counts, (key) => {
      const issue = key.slice(counts.length);
      return pack([key, `${prefix}:edges:${issue}`, `${prefix}:unmet:${issue}`], []);
    });
  },
};

async function each(
  redis: RedisConnection,
  beginning: string,
  work: (key: string) => Promise<unknown>,
): Promise<void> {
  const pattern = `${beginning.replace(/[\\*?[\]]/g, "\\$&")}*`;
  for (let cursor = "0", first = true; first || cursor !== "0"; first = false) {
    const [next, keys] = await redis.scan(cursor, "MATCH", pattern, "COUNT", AT_ONCE);
    for (const key of keys) await work(key);
    cursor = next;
  }
}
