import type { RedisConnection } from "../../src/redis/connection.js";

export interface CommandStat {
  readonly calls: number;
  /** Time the server spent, in microseconds; a script's counts its commands' too. */
  readonly usec: number;
}

const OWN = ["info", "config|resetstat"];

/** What the server did since `CONFIG RESETSTAT`, by command in lower case, without such questions. */
export async function commandStats(redis: RedisConnection): Promise<Map<string, CommandStat>> {
  const stats = new Map<string, CommandStat>();
  for (const line of (await redis.info("commandstats")).split("\r\n")) {
    const match = /^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/.exec(line);
    if (match?.[1] === undefined) continue;
    if (OWN.includes(match[1])) continue;
    stats.set(match[1].toLowerCase(), { calls: Number(match[2]), usec: Number(match[3]) });
  }
  return stats;
}

/** What the server did while `work` went on. */
export async function spentBy(
  redis: RedisConnection,
  work: () => Promise<unknown>,
): Promise<Map<string, CommandStat>> {
  await redis.config("RESETSTAT");
  await work();
  return commandStats(redis);
}

export function totals(stats: ReadonlyMap<string, CommandStat>): CommandStat {
  let [calls, usec] = [0, 0];
  for (const stat of stats.values()) {
    calls += stat.calls;
    usec += stat.usec;
  }
  return { calls, usec };
}
