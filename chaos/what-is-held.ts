import type { RedisConnection } from "../src/redis/connection.js";
import { budgetKeys, slotKeys } from "../src/redis/keys.js";

/**
 * What Redis holds of locks, slots, places among the ready and reserved budgets, a line each.
 *
 * Left out is what holds nobody: the names of projects and classes that had ready items, which admission
 * forgets when it looks at them next, a provider's pause, which ends by itself, and expected numbers
 * whose time is over, which count no more.
 */
export async function whatIsHeld(
  redis: RedisConnection,
  prefix: string,
  now: number,
): Promise<readonly string[]> {
  const slots = slotKeys(prefix);
  const [locks, leases, holders, grants, ready, budgets, counters, classes, expected] =
    await Promise.all([
      redis.keys(`${prefix}:lock:*`),
      redis.zrange(slots.leases, 0, -1),
      redis.hgetall(slots.holders),
      redis.hgetall(slots.grants),
      redis.hgetall(slots.what),
      redis.hgetall(budgetKeys(prefix).open),
      counted(redis, prefix),
      inOrder(redis, `${prefix}:ready-class:`, "-inf"),
      inOrder(redis, slots.expected(""), now),
    ]);
  const named = { slot: holders, grant: grants, "place among the ready": ready, budget: budgets };
  return [
    ...locks.map((key) => `the lock ${key}`),
    ...leases.map((lease) => `the lease ${lease}`),
    ...Object.entries(named).flatMap(([what, of]) =>
      Object.entries(of).map(([key, value]) => `the ${what} of ${key}: ${value}`),
    ),
    ...counters.map(([of, item]) => `the slot that ${item} counts for in ${of}`),
    ...classes.map(([of, item]) => `the place of ${item} in the ready class ${of}`),
    ...expected.map(([of, number]) => `the number ${number} that is expected in ${of}`),
  ];
}

type Member = readonly [of: string, member: string];

/** What admission counts by: who has a slot of each project and of each role. */
async function counted(redis: RedisConnection, prefix: string): Promise<readonly Member[]> {
  const start = `${prefix}:slots:`;
  const kinds = ["project", "role"].map((kind) => redis.keys(`${start}${kind}:*`));
  const keys = (await Promise.all(kinds)).flat();
  return membersOf(keys, start, (key) => redis.smembers(key));
}

/** Members of sorted sets from a score on. */
async function inOrder(
  redis: RedisConnection,
  start: string,
  from: number | "-inf",
): Promise<readonly Member[]> {
  const keys = await redis.keys(`${start}*`);
  return membersOf(keys, start, (key) => redis.zrangebyscore(key, from, "+inf"));
}

async function membersOf(
  keys: readonly string[],
  start: string,
  read: (key: string) => Promise<string[]>,
): Promise<readonly Member[]> {
  const lists = await Promise.all(
    keys.map(async (key) => {
      const of = key.slice(start.length).replaceAll("\n", " ");
      return (await read(key)).map((member) => [of, member] as const);
    }),
  );
  return lists.flat();
}
