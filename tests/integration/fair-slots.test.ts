import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReadyItem, SlotLimits, Slots } from "../../src/engine/slots.js";
import { createSlotPlan } from "../../src/redis/slot-plan.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { dice } from "../support/dice.js";
import { readEverything } from "../support/redis-dump.js";
import { openTestRedis } from "../support/work.js";

type TestRedis = Awaited<ReturnType<typeof openTestRedis>>;

let server: TestRedis;
beforeEach(async () => {
  server = await openTestRedis();
});
afterEach(() => server.close());

const store = (limits: SlotLimits) => createSlotStore(server.redis, server.prefix, limits);
const plan = (limits: SlotLimits) => createSlotPlan(server.redis, server.prefix, limits);
const ready = (project: string, order: number, more: Partial<ReadyItem> = {}): ReadyItem => ({
  item: `${project}-${order}`,
  version: 1,
  project,
  order,
  role: "developer",
  provider: "anthropic",
  job: { queue: "slots", id: `${project}-${order}-v1-slot` },
  ...more,
});

async function granted(slots: Slots, now = Date.now()): Promise<string[]> {
  const { grants } = await slots.admit(now);
  for (const { item } of grants) await slots.promoted(item);
  return grants.map(({ item }) => item);
}

/** Everything that is stored, but for times to live. */
function stored(): Promise<string> {
  return readEverything(server.redis, `${server.prefix}*`);
}

describe("a project's ready items", () => {
  it("aren't held up by 200 lower ones whose provider is paused", async () => {
    const slots = store({ projects: { a: 2 }, roles: {} });
    const now = Date.now();
    await slots.pause("anthropic", now + 600_000, now);
    for (let order = 1; order <= 200; order += 1) await slots.ready(ready("a", order), now);
    await slots.ready(ready("a", 900, { provider: "other" }), now);
    await slots.ready(ready("a", 800, { provider: "other" }), now);
    expect((await granted(slots, now)).sort()).toEqual(["a-800", "a-900"]);
  });

  it("aren't held up by 200 lower ones whose role is full", async () => {
    const slots = store({ projects: { a: 9, b: 9 }, roles: { developer: 1 } });
    const now = Date.now();
    for (let order = 1; order <= 200; order += 1) await slots.ready(ready("a", order), now);
    await slots.ready(ready("a", 500, { role: "reviewer" }), now);
    await slots.ready(ready("b", 600, { role: "tester" }), now);
    expect((await granted(slots, now)).sort()).toEqual(["a-1", "a-500", "b-600"]);
  });

  it("start lowest first across roles and providers", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    await slots.ready(ready("a", 3, { role: "reviewer" }), Date.now());
    await slots.ready(ready("a", 2, { provider: "other" }), Date.now());
    await slots.ready(ready("a", 4), Date.now());
    const served: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const [item = ""] = await granted(slots);
      served.push(item);
      await slots.release(item, 1);
    }
    expect(served).toEqual(["a-2", "a-3", "a-4"]);
  });

  it("leave nothing behind where they waited before their provider changed", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const now = Date.now();
    await slots.ready(ready("a", 1), now);
    await slots.ready(ready("a", 1, { version: 2, provider: "other" }), now);
    await slots.pause("other", now + 600_000, now);
    expect(await granted(slots, now)).toEqual([]);
    await slots.release("a-1", 2);
    expect(await granted(slots, now)).toEqual([]);
    expect(await server.redis.keys(`${server.prefix}:ready-class*`)).toEqual([]);
  });

  it("are passed over while the run of an earlier version has its slot, by all the others", async () => {
    const slots = store({ projects: { a: 40 }, roles: {} });
    const now = Date.now();
    for (let order = 1; order <= 35; order += 1) {
      await slots.ready(ready("a", order), now);
      await granted(slots, now);
      await slots.hold(`a-${order}`, 1, now, 60_000, "its run");
      await slots.ready(ready("a", order, { version: 2 }), now);
    }
    await slots.ready(ready("a", 99), now);
    expect(await granted(slots, now)).toEqual(["a-99"]);
  });

  it("of an older version's ready sets start as well, in their order", async () => {
    const slots = store({ projects: { a: 2, b: 1 }, roles: {} });
    const { redis, prefix } = server;
    for (const item of [ready("a", 2), ready("a", 1, { provider: "other" }), ready("b", 7)]) {
      await redis.zadd(`${prefix}:ready:${item.project}`, item.order, item.item);
      await redis.hset(`${prefix}:ready-items`, item.item, JSON.stringify(item));
      await redis.zadd(`${prefix}:ready-projects`, "NX", 0, item.project);
    }
    await slots.ready(ready("a", 3), Date.now());
    expect((await granted(slots)).sort()).toEqual(["a-1", "a-2", "b-7"]);
    expect(await redis.exists(`${prefix}:ready:a`, `${prefix}:ready-projects`)).toBe(0);
  });
});

describe("under load that doesn't end", () => {
  it("two repositories take turns, however many of one wait", async () => {
    const slots = store({ projects: { a: 1, b: 1 }, roles: { developer: 1 } });
    const now = Date.now();
    for (let order = 1; order <= 300; order += 1) await slots.ready(ready("a", order), now);
    const served: string[] = [];
    for (let turn = 1; turn <= 60; turn += 1) {
      await slots.ready(ready("b", 10_000 + turn), now);
      const [item = ""] = await granted(slots, now);
      served.push(item[0] ?? "");
      await slots.release(item, 1);
    }
    expect(served.join("")).toBe("ab".repeat(30));
  });

  it("a lower number that comes late goes first in its repository", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const now = Date.now();
    for (let order = 100; order <= 300; order += 1) await slots.ready(ready("a", order), now);
    const [first = ""] = await granted(slots, now);
    await slots.ready(ready("a", 7, { provider: "other", role: "reviewer" }), now);
    await slots.release(first, 1);
    expect([first, ...(await granted(slots, now))]).toEqual(["a-100", "a-7"]);
  });
});

describe("a plan", () => {
  const LIMITS: SlotLimits = { projects: { a: 1, b: 2 }, roles: { reviewer: 1 } };

  it("names who starts now, who follows and what keeps each, and writes nothing", async () => {
    const slots = store(LIMITS);
    const now = Date.now();
    await slots.ready(ready("b", 1, { role: "reviewer" }), now);
    await granted(slots, now);
    await slots.pause("paused", now + 600_000, now);
    await slots.expect("b", 4, now + 2_000);
    for (const item of [ready("a", 2), ready("a", 1), ready("b", 2, { role: "reviewer" })]) {
      await slots.ready(item, now);
    }
    await slots.ready(ready("b", 5), now);
    await slots.ready(ready("a", 3, { provider: "paused" }), now);
    await slots.ready(ready("gone", 1), now);
    const before = await stored();
    const planned = await plan(LIMITS).next(now, 50);
    expect(await stored()).toBe(before);
    const told = planned.map(({ item, obstacle }) => [item.item, obstacle?.kind ?? "starts"]);
    expect(told).toEqual([
      ["a-1", "starts"],
      ["b-2", "role"],
      ["a-2", "project"],
      ["a-3", "paused"],
      ["b-5", "expected"],
      ["gone-1", "unknown"],
    ]);
    expect(planned[1]?.obstacle).toEqual({ kind: "role", name: "reviewer", used: 1, limit: 1 });
    expect(planned[4]?.obstacle).toEqual({ kind: "expected", number: 4 });
    expect(planned[3]?.obstacle).toMatchObject({ kind: "paused", provider: "paused" });
    expect(await plan(LIMITS).next(now, 2)).toEqual(planned.slice(0, 2));
  });

  it("says in 60 random situations who starts, exactly as admission then does", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const { below, chance, of } = dice(seed);
      const prefix = `${server.prefix}${seed}`;
      const projects = { a: 1 + below(3), b: 1 + below(3), c: 1 };
      const limits: SlotLimits = { projects, roles: { reviewer: 1 } };
      const slots = createSlotStore(server.redis, prefix, limits);
      const now = Date.now();
      if (chance(0.5)) await slots.pause("p1", now + 60_000, now);
      if (chance(0.5)) await slots.expect("a", below(20), now + 2_000);
      for (let step = 0; step < 25; step += 1) {
        const role = of(["reviewer", "developer", "tester"] as const);
        const more = { role, provider: `p${below(3)}`, version: 1 + below(2) };
        await slots.ready(ready(of(["a", "b", "c"]), 1 + below(20), more), now);
        if (!chance(0.2)) continue;
        for (const item of await granted(slots, now)) {
          if (chance(0.5)) await slots.release(item, 1);
        }
      }
      const later = now + (chance(0.3) ? 700_000 : 1);
      const planned = await createSlotPlan(server.redis, prefix, limits).next(later, 500);
      const starting = planned.filter(({ obstacle }) => !obstacle).map(({ item }) => item.item);
      expect(starting.sort(), `seed ${seed}`).toEqual((await granted(slots, later)).sort());
      const waiting = await server.redis.hlen(`${prefix}:ready-items`);
      expect(planned.length - starting.length, `seed ${seed}`).toBe(waiting);
    }
  });
});
