import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { ItemChange } from "../../src/engine/item-changes.js";
import { type ChangeFeed, createChangeFeed } from "../../src/redis/change-feed.js";
import { connectRedis, type RedisConnection, untilReady } from "../../src/redis/connection.js";
import { changesChannel } from "../../src/redis/keys.js";
import { createRunLogs } from "../../src/redis/run-log.js";
import { createWorkItemStore } from "../../src/redis/work-item-store.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { sampleItem } from "../support/memory-work-items.js";
import { startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";

let server: TestRedis;
let redis: RedisConnection;
let prefix: string;
let feed: ChangeFeed;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(async () => {
  // As the receiver's: it neither waits for an answer nor for Redis to come back.
  redis = connectRedis({
    url: server.url,
    role: "producer",
    log: silentLogger(),
    commandTimeoutMs: 10_000,
  });
  await untilReady(redis, 10_000, server.url);
  prefix = uniquePrefix();
  feed = createChangeFeed(redis, prefix, silentLogger());
});
afterEach(async () => {
  feed.close();
  await redis.unlink(...(await redis.keys(`${prefix.replace(/[{}]/g, "?")}*`)), "none");
  redis.disconnect();
});

/** What the feed tells; the first word of a follower is that it may have missed something. */
async function followed() {
  const told: (ItemChange | null)[] = [];
  feed.follow((change) => told.push(change));
  await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(0);
  return told;
}

it("tells of every item that is written, where it stands then", async () => {
  const told = await followed();
  const items = createWorkItemStore(redis, prefix);
  const item = sampleItem(1);
  await items.create({ item, history: [], effects: [] }, "the task");
  await items.transition(item.id, (before) => ({
    item: { ...before, stage: "review", status: "waiting" },
    history: [],
    effects: [],
  }));
  await expect
    .poll(() => told.slice(1), { timeout: 20_000 })
    .toEqual([
      { item: "ET-001", stage: "development", status: "running" },
      { item: "ET-001", stage: "review", status: "waiting" },
    ]);
});

it("says that something may have been missed for what it can't read, and after an outage", async () => {
  const told = await followed();
  await redis.publish(changesChannel(prefix), "ET-001 orbit waiting");
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(2);
  await redis.call("CLIENT", "KILL", "TYPE", "pubsub");
  await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(2);
  expect(told.every((change) => change === null)).toBe(true);
  await redis.publish(changesChannel(prefix), "ET-001 review waiting");
  const last = { item: "ET-001", stage: "review", status: "waiting" };
  await expect.poll(() => told.at(-1), { timeout: 20_000 }).toEqual(last);
});

it("says to each follower from when on it misses nothing", async () => {
  await followed();
  const told: (ItemChange | null)[] = [];
  feed.follow((change) => told.push(change));
  expect(told).toEqual([null]);
});

it("tells nobody any more once it is closed", async () => {
  const told = await followed();
  feed.close();
  await redis.publish(changesChannel(prefix), "ET-001 review waiting");
  expect(feed.follow(() => told.push(null))).toBeTypeOf("function");
  expect(told).toEqual([null]);
});

it("gives what follows a byte of a run's log", async () => {
  const logs = createRunLogs(redis, prefix, silentLogger());
  const writer = logs.open("ET-001-v1-a1");
  writer.write("première\nsecond\n");
  await writer.close();
  expect(await logs.readFrom("ET-001-v1-a1", Buffer.byteLength("première\n"))).toBe("second\n");
  expect(await logs.readFrom("ET-001-v1-a1", 1_000)).toBe("");
  expect(await logs.readFrom("ET-404-v1-a1", 0)).toBe("");
});
