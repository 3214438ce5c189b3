import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReadyItem } from "../../src/engine/slots.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { type CommandStat, spentBy, totals } from "../support/command-stats.js";
import { type OwnRedis, startOwnRedis, uniquePrefix } from "../support/redis.js";
import { SHAPES, type WaitingGraph, waitingGraph } from "../support/waiting-graph.js";

/** The engine in WebAssembly counts commands too, but fills with so many items for minutes. */
const isNative =
  process.env.STAGECOACH_TEST_REDIS !== "wasm" &&
  ["redis-server", "valkey-server"].some(
    (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
  );

const FEW = 100;
const MANY = 2_000;
/** Commands that read a whole set or the whole store, however large. */
const SCANS = ["keys", "scan", "sscan", "hscan", "zscan", "sort"];

type Stats = ReadonlyMap<string, CommandStat>;

const TITLE = "what one of many waiting items costs (skipped where no native Redis is installed)";

describe.skipIf(!isNative)(TITLE, { timeout: 240_000 }, () => {
  let server: OwnRedis;
  let redis: RedisConnection;
  beforeAll(async () => {
    server = await startOwnRedis();
    redis = connectRedis({ url: server.url, role: "worker", log: silentLogger() });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  /** Commands by dependent, and all of them, when the blockers that `which` names are met. */
  async function meeting(
    shape: keyof typeof SHAPES,
    count: number,
    which: (count: number) => readonly number[],
  ): Promise<{ readonly each: number; readonly stats: Stats }> {
    const graph: WaitingGraph = await waitingGraph(server.url, count, SHAPES[shape]);
    try {
      let dependents = 0;
      const stats = await spentBy(redis, async () => {
        for (const number of which(count)) dependents += await graph.meet(number);
      });
      expect(dependents).toBeGreaterThan(20);
      return { each: totals(stats).calls / dependents, stats };
    } finally {
      await graph.close();
    }
  }

  const first60 = () => Array.from({ length: 60 }, (_, index) => index + 1);
  const hub = () => [1];
  const near = (count: number) => Array.from({ length: 50 }, (_, index) => count - 95 + index);

  it.each([
    ["chain", first60],
    ["star", hub],
    ["random", near],
  ] as const)(
    "in a %s: as many commands a dependent as among few, and no scan",
    async (shape, which) => {
      const few = await meeting(shape, FEW, which);
      const many = await meeting(shape, MANY, which);
      expect(many.each / few.each).toBeLessThan(1.1);
      expect(SCANS.filter((name) => many.stats.has(name))).toEqual([]);
    },
  );

  it("an admission asks the same of 5,000 ready items as of 50", async () => {
    const asked = async (count: number) => {
      const prefix = uniquePrefix();
      const slots = createSlotStore(redis, prefix, { projects: { a: 2 }, roles: { reviewer: 1 } });
      const now = Date.now();
      await slots.pause("paused", now + 600_000, now);
      for (let order = 1; order <= count; order += 1) {
        await slots.ready(readyItem(order, count), now);
      }
      return spentBy(redis, async () => {
        const { grants } = await slots.admit(now, true);
        expect(grants.map(({ item }) => item).sort()).toEqual([`a-${count - 1}`, `a-${count}`]);
      });
    };
    const calls = (stats: Stats) => [...stats].map(([name, stat]) => [name, stat.calls]).sort();
    expect(calls(await asked(5_000))).toEqual(calls(await asked(50)));
  });
});

/** All but the last two wait for a provider that pauses. */
function readyItem(order: number, count: number): ReadyItem {
  return {
    item: `a-${order}`,
    version: 1,
    project: "a",
    order,
    role: order === count ? "reviewer" : "developer",
    provider: order < count - 1 ? "paused" : "anthropic",
    job: { queue: "slots", id: `a-${order}-v1-slot` },
  };
}
