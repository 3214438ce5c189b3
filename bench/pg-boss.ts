import PgBoss from "pg-boss";
import { CONCURRENCY, jobOf, NAME } from "./no-op-jobs.js";
import type { Peer } from "./peers.js";

/**
 * Fetched and completed by hand, as its API offers: its own workers look again after half a second at
 * the earliest, and count as done what they have only sent to be completed.
 * @param batch how many are taken, and completed, by one statement
 */
export async function openPgBoss(
  url: string,
  batch: number,
  say: (text: string) => void,
): Promise<Peer> {
  const boss = new PgBoss({
    connectionString: url,
    schema: `pgboss_${batch}`,
    max: CONCURRENCY,
  });
  const told = new Set<string>();
  boss.on("error", ({ message }) => {
    // Each of its connections tells of the same.
    if (!told.has(message)) say(`pg-boss: ${message}`);
    told.add(message);
  });
  await boss.start();
  await boss.createQueue(NAME);
  return {
    what: "pg-boss",
    settings: "`fetch` without priorities and `complete`",
    async fill(jobs) {
      await boss.clearStorage();
      await boss.insert(
        Array.from({ length: jobs }, (_, at) => ({ name: NAME, data: jobOf(at).data })),
      );
    },
    async drain(jobs) {
      let left = jobs;
      const work = async () => {
        while (left > 0) {
          const taken = await boss.fetch(NAME, { batchSize: batch, priority: false });
          const ids = taken.map(({ id }) => id);
          if (ids.length > 0) await boss.complete(NAME, ids);
          left -= ids.length;
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, work));
    },
    close: () => boss.stop({ graceful: false }),
  };
}
