import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReadyItem, SlotLimits, Slots } from "../../src/engine/slots.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { startOwnRedis } from "../support/redis.js";
import { openTestRedis } from "../support/work.js";

type TestRedis = Awaited<ReturnType<typeof openTestRedis>>;

describe("slots", () => {
  let server: TestRedis;
  beforeEach(async () => {
    server = await openTestRedis();
  });
  afterEach(() => server.close());

  const store = (limits: SlotLimits) => createSlotStore(server.redis, server.prefix, limits);
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

  /** What is granted, and nothing else. */
  async function admitted(slots: Slots, now = Date.now()) {
    return (await slots.admit(now)).grants;
  }

  async function drain(slots: Slots): Promise<string[]> {
    const served: string[] = [];
    for (;;) {
      const [grant] = await admitted(slots);
      if (grant === undefined) return served;
      served.push(grant.item);
      await slots.promoted(grant.item);
      await slots.release(grant.item, grant.version);
    }
  }

  it("serves the lowest number first, whatever order they came in", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    for (const order of [102, 100, 9, 101]) await slots.ready(ready("a", order), Date.now());
    expect(await drain(slots)).toEqual(["a-9", "a-100", "a-101", "a-102"]);
  });

  it("are taken in the step in which an item becomes ready", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const [first, second] = [ready("a", 1), ready("a", 2)];
    expect((await slots.becomeReady(first, Date.now())).grants).toMatchObject([{ item: "a-1" }]);
    await slots.promoted("a-1");
    expect((await slots.becomeReady(second, Date.now())).grants).toEqual([]);
    await slots.release("a-1", 1);
    expect(await admitted(slots)).toMatchObject([{ item: "a-2" }]);
  });

  it("are taken in that step by a server that knows only how to admit", async () => {
    // The shared server's scripts are under way in other tests.
    await server.close();
    server = await openTestRedis(startOwnRedis);
    const slots = store({ projects: { a: 1 }, roles: {} });
    await slots.admit(Date.now());
    await server.redis.script("FLUSH");
    await slots.admit(Date.now());
    const { grants } = await slots.becomeReady(ready("a", 1), Date.now());
    expect(grants).toMatchObject([{ item: "a-1" }]);
  });

  it("that nobody's job was there to start are granted again to who becomes ready", async () => {
    const slots = store({ projects: { a: 2 }, roles: {} });
    await slots.becomeReady(ready("a", 1), Date.now());
    const { grants } = await slots.becomeReady(ready("a", 2), Date.now());
    expect(grants.map(({ item }) => item).sort()).toEqual(["a-1", "a-2"]);
  });

  it("keep a newer version's place when an older one comes late", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    await slots.ready(ready("a", 1, { version: 3 }), Date.now());
    await slots.ready(ready("a", 1, { version: 2 }), Date.now());
    expect(await admitted(slots)).toMatchObject([{ item: "a-1", version: 3 }]);
    await slots.ready(ready("a", 1, { version: 2 }), Date.now());
    expect(await slots.hold("a-1", 3, Date.now(), 1_000)).toBe(true);
    await slots.release("a-1", 3);
    expect(await admitted(slots)).toEqual([]);
  });

  it("start the job that waits now, if another one was to start when the slot was granted", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    await slots.ready(ready("a", 1), Date.now());
    await slots.admit(Date.now());
    await slots.promoted("a-1");
    const job = { queue: "runs", id: "a-1-v1-run" } as const;
    await slots.ready(ready("a", 1, { job }), Date.now());
    expect(await admitted(slots)).toMatchObject([{ item: "a-1", job }]);
  });

  it("lets two repositories take turns where a role is what is scarce", async () => {
    const slots = store({ projects: { a: 5, b: 5 }, roles: { developer: 1 } });
    for (const order of [1, 2, 3]) {
      await slots.ready(ready("a", order), Date.now());
      await slots.ready(ready("b", order), Date.now());
    }
    const served = await drain(slots);
    expect(served.map((item) => item[0])).toEqual(["a", "b", "a", "b", "a", "b"]);
  });

  it("never grants more than a project's or a role's limit, asked fifty times at once", async () => {
    const slots = store({ projects: { a: 2, b: 9 }, roles: { developer: 3 } });
    for (let order = 1; order <= 10; order += 1) {
      await slots.ready(ready("a", order), Date.now());
      await slots.ready(ready("b", order), Date.now());
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => admitted(slots)));
    const granted = new Set(answers.flat().map((grant) => grant.item));
    expect(granted.size).toBe(3);
    expect([...granted].filter((item) => item.startsWith("a")).length).toBeLessThanOrEqual(2);
  });

  it("of a run that waits are its own, though its slot's job comes again, late", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const run = { queue: "runs", id: "a-1-v1-run" } as const;
    await slots.ready(ready("a", 1, { job: run }), Date.now());
    await slots.ready(ready("a", 1), Date.now());
    expect(await admitted(slots)).toMatchObject([{ item: "a-1", job: run }]);
    await slots.ready(ready("a", 1), Date.now());
    expect(await admitted(slots)).toMatchObject([{ item: "a-1", job: run }]);
  });

  it("keeps who waits among the ready when an earlier run gives its slot back, late or again", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const now = Date.now();
    await slots.ready(ready("a", 1), now);
    expect(await admitted(slots)).toHaveLength(1);
    await slots.promoted("a-1");
    await slots.hold("a-1", 1, now, 60_000, "a-1-v1-a1");
    await slots.release("a-1", 1, "a-1-v1-a1");
    await slots.ready(ready("a", 1), now);
    await slots.release("a-1", 1, "a-1-v1-a1");
    expect(await admitted(slots)).toMatchObject([{ item: "a-1" }]);
  });

  it("repeats a grant until its job was promoted", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    await slots.ready(ready("a", 1), Date.now());
    expect(await admitted(slots)).toHaveLength(1);
    expect(await admitted(slots)).toHaveLength(1);
    await slots.promoted("a-1");
    expect(await admitted(slots)).toHaveLength(0);
  });

  it("admits nobody of a provider that is paused, and others meanwhile", async () => {
    const slots = store({ projects: { a: 9 }, roles: {} });
    await server.redis.set(`${server.prefix}:pause:anthropic`, "1");
    await slots.ready(ready("a", 1), Date.now());
    await slots.ready(ready("a", 2, { provider: "other" }), Date.now());
    expect((await admitted(slots)).map((grant) => grant.item)).toEqual(["a-2"]);
  });

  it("makes higher numbers wait for a lower one that is on its way, but not for ever", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const now = Date.now();
    await slots.expect("a", 100, now + 2_000);
    await slots.ready(ready("a", 101), Date.now());
    expect(await admitted(slots, now)).toEqual([]);
    expect((await admitted(slots, now + 2_001)).map((grant) => grant.item)).toEqual(["a-101"]);
  });

  it("frees the slot of an owner that went silent, and refuses it the lease afterwards", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const now = Date.now();
    await slots.ready(ready("a", 1), Date.now());
    await slots.ready(ready("a", 2), Date.now());
    await slots.admit(now);
    await slots.promoted("a-1");
    expect(await slots.hold("a-1", 1, now, 1_000)).toBe(true);
    expect((await admitted(slots, now + 1_001)).map((grant) => grant.item)).toEqual(["a-2"]);
    expect(await slots.hold("a-1", 1, now + 1_002, 1_000)).toBe(false);
  });

  it("queues an item again whose lease ran out before its run began", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    const now = Date.now();
    await slots.ready(ready("a", 1), now);
    await slots.admit(now);
    await slots.promoted("a-1");
    const late = now + 3_600_000;
    expect(await slots.hold("a-1", 1, late, 1_000)).toBe(false);
    await slots.ready(ready("a", 1, { job: { queue: "runs", id: "a-1-v1-run" } }), late);
    const grants = await admitted(slots, late);
    expect(grants.map((grant) => grant.job.id)).toEqual(["a-1-v1-run"]);
    expect(await slots.hold("a-1", 1, late, 1_000)).toBe(true);
  });

  it("gives nothing back for a version that holds nothing", async () => {
    const slots = store({ projects: { a: 1 }, roles: {} });
    await slots.ready(ready("a", 1, { version: 4 }), Date.now());
    await slots.admit(Date.now());
    await slots.release("a-1", 3);
    expect(await slots.hold("a-1", 4, Date.now(), 1_000)).toBe(true);
  });

  it("doesn't queue a version again that holds its slot", async () => {
    const slots = store({ projects: { a: 2 }, roles: {} });
    await slots.ready(ready("a", 1), Date.now());
    await slots.admit(Date.now());
    await slots.promoted("a-1");
    await slots.ready(ready("a", 1), Date.now());
    await slots.release("a-1", 1);
    expect(await admitted(slots)).toEqual([]);
  });

  describe("that a run occupies", () => {
    const LEASE_MS = 60_000;

    async function occupied(now: number): Promise<Slots> {
      const slots = store({ projects: { a: 1 }, roles: {} });
      await slots.ready(ready("a", 1), now);
      await slots.admit(now);
      await slots.promoted("a-1");
      expect(await slots.hold("a-1", 1, now, LEASE_MS, "a-1-v1-a1")).toBe(true);
      return slots;
    }

    it("aren't freed by others, since the agent may still be at work: the next version waits", async () => {
      const now = Date.now();
      const slots = await occupied(now);
      await slots.release("a-1", 1);
      await slots.release("a-1", 1, "a-1-v1-a2");
      await slots.ready(ready("a", 1, { version: 2 }), now);
      expect(await admitted(slots, now)).toEqual([]);
      await slots.release("a-1", 1, "a-1-v1-a1");
      expect(await admitted(slots, now)).toMatchObject([{ item: "a-1", version: 2 }]);
    });

    it("are free when the lease of a worker that died has run out", async () => {
      const now = Date.now();
      const slots = await occupied(now);
      await slots.ready(ready("a", 1, { version: 2 }), now);
      expect(await admitted(slots, now + LEASE_MS - 1)).toEqual([]);
      expect(await admitted(slots, now + LEASE_MS)).toMatchObject([{ version: 2 }]);
    });

    it("are the next run's when the job is taken over", async () => {
      const now = Date.now();
      const slots = await occupied(now);
      expect(await slots.hold("a-1", 1, now, LEASE_MS, "a-1-v1-a2")).toBe(true);
      await slots.release("a-1", 1, "a-1-v1-a1");
      expect(await slots.hold("a-1", 1, now, LEASE_MS)).toBe(true);
    });

    it("stay the next run's when the one before comes to occupy it only then", async () => {
      const now = Date.now();
      const slots = await occupied(now);
      expect(await slots.hold("a-1", 1, now, LEASE_MS, "a-1-v1-a10")).toBe(true);
      expect(await slots.hold("a-1", 1, now, LEASE_MS, "a-1-v1-a9")).toBe(false);
      await slots.release("a-1", 1, "a-1-v1-a9");
      expect(await slots.hold("a-1", 1, now, LEASE_MS)).toBe(true);
    });
  });

  describe("are admitted again by themselves", () => {
    it("when a pause ends, and not before", async () => {
      const slots = store({ projects: { a: 9 }, roles: {} });
      const now = Date.now();
      await slots.pause("anthropic", now + 600_000, now);
      await slots.ready(ready("a", 1), now);
      const { grants, again } = await slots.admit(now);
      expect(grants).toEqual([]);
      expect(again).toBeGreaterThan(now + 590_000);
      expect(again).toBeLessThan(now + 601_000);
    });

    it("when the first lease ends while somebody waits", async () => {
      const slots = store({ projects: { a: 1 }, roles: {} });
      const now = Date.now();
      await slots.ready(ready("a", 1), now);
      expect((await slots.admit(now)).again).toBeNull();
      await slots.hold("a-1", 1, now, 60_000);
      await slots.ready(ready("a", 2), now);
      expect((await slots.admit(now)).again).toBe(now + 60_000);
    });

    it("asked for once, until it came, was lost, or something ends earlier", async () => {
      const slots = store({ projects: { a: 1, b: 1 }, roles: {} });
      const now = Date.now();
      await slots.ready(ready("a", 1), now);
      await slots.admit(now);
      await slots.hold("a-1", 1, now, 60_000);
      await slots.ready(ready("a", 2), now);
      expect((await slots.admit(now)).again).toBe(now + 60_000);
      expect((await slots.admit(now)).again).toBeNull();
      expect((await slots.admit(now, true)).again).toBe(now + 60_000);
      await slots.expect("b", 1, now + 2_000);
      await slots.ready(ready("b", 2), now);
      expect((await slots.admit(now)).again).toBe(now + 2_001);
    });
  });

  it("know a provider's pause, which a shorter one never shortens", async () => {
    const slots = store({ projects: { a: 9 }, roles: {} });
    const now = Date.now();
    expect(await slots.pausedUntil("anthropic")).toBeNull();
    expect(await slots.pause("anthropic", now + 60_000, now)).toBe(now + 60_000);
    expect(await slots.pause("anthropic", now + 30_000, now)).toBe(now + 60_000);
    expect(await slots.pause("anthropic", now + 90_000, now)).toBe(now + 90_000);
    expect(await slots.pausedUntil("anthropic")).toBe(now + 90_000);
    expect(await slots.pausedUntil("other")).toBeNull();
    const rest = await server.redis.pttl(`${server.prefix}:pause:anthropic`);
    expect(rest).toBeGreaterThan(60_000);
    expect(rest).toBeLessThanOrEqual(90_000);
  });
});
