import { afterAll, beforeAll } from "vitest";
import { createLockStore } from "../../src/redis/lock-store.js";
import { uniquePrefix } from "../support/redis.js";
import { openTestRedis } from "../support/work.js";
import { locksContract } from "./locks.js";

type Server = Awaited<ReturnType<typeof openTestRedis>>;
let one: Server;
let other: Server;
beforeAll(async () => {
  one = await openTestRedis();
  other = await openTestRedis();
});
afterAll(async () => {
  await one.close();
  await other.close();
});

locksContract("Redis", async () => {
  const prefix = uniquePrefix();
  return [createLockStore(one.redis, prefix), createLockStore(other.redis, prefix)];
});
