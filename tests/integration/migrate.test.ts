import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { itemKeys, schemaKey } from "../../src/redis/keys.js";
import { createLockStore } from "../../src/redis/lock-store.js";
import { MIGRATIONS, migrate, NewerStateError } from "../../src/redis/migrate.js";
import type { Migration } from "../../src/redis/migration.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { startRedis, uniquePrefix } from "../support/redis.js";

let redis: RedisConnection;
let prefix: string;
let ran: number[];

beforeAll(async () => {
  const { url } = await startRedis();
  redis = connectRedis({ url, role: "worker", log: silentLogger() });
});
afterAll(() => redis.disconnect());
beforeEach(() => {
  prefix = uniquePrefix();
  ran = [];
});
afterEach(async () => {
  await redis.del(schemaKey(prefix), itemKeys(prefix).items, `${prefix}:lock:migration`);
});

const step = (to: number, run: () => Promise<void> = async () => undefined): Migration => ({
  to,
  name: `step ${to}`,
  async run() {
    await run();
    ran.push(to);
  },
});
const bring = (migrations: readonly Migration[]) =>
  migrate(redis, prefix, createLockStore(redis, prefix), silentLogger(), migrations);
const stored = async () => Number(await redis.get(schemaKey(prefix)));
const anOldStore = () => redis.zadd(itemKeys(prefix).items, 1, "ET-001");

describe("stored state", () => {
  it("of a new fleet is of the version that this release knows", async () => {
    await bring([step(2), step(3)]);
    expect(await stored()).toBe(3);
    expect(ran).toEqual([]);
  });

  it("is brought from version to version, in order and once", async () => {
    await anOldStore();
    await bring([step(2)]);
    await bring([step(2), step(3), step(4)]);
    await bring([step(2), step(3), step(4)]);
    expect(ran).toEqual([2, 3, 4]);
    expect(await stored()).toBe(4);
  });

  it("is migrated by one of ten processes that start at once, and the others wait for it", async () => {
    await anOldStore();
    const versions = await Promise.all(
      Array.from({ length: 10 }, async () => {
        await bring([step(2), step(3)]);
        return stored();
      }),
    );
    expect(ran).toEqual([2, 3]);
    expect(versions).toEqual(Array(10).fill(3));
  });

  it("goes on where a migration was cut off", async () => {
    await anOldStore();
    const broken = step(3, () => Promise.reject(new Error("the network is away")));
    await expect(bring([step(2), broken])).rejects.toThrow("the network is away");
    expect(await stored()).toBe(2);
    await bring([step(2), step(3)]);
    expect(ran).toEqual([2, 3]);
  });

  it("loses the index of branches, which a worker of an older release wrote", async () => {
    await anOldStore();
    const branches = `${prefix}:branches`;
    await redis.hset(branches, "rocket\nfeature/ET-001-count", "ET-001");
    await bring(MIGRATIONS);
    expect(await redis.exists(branches)).toBe(0);
    expect(await stored()).toBe(MIGRATIONS.at(-1)?.to);
  });

  it("of a later release is refused, and stays as it is", async () => {
    await redis.set(schemaKey(prefix), 9);
    const refused = bring([step(2)]);
    await expect(refused).rejects.toThrow(NewerStateError);
    await expect(refused).rejects.toThrow("version 9, and this release knows 2");
    expect(await stored()).toBe(9);
  });
});
