import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ReadyItem } from "../../src/engine/slots.js";
import { createDeliveryJobs } from "../../src/queue/delivery-jobs.js";
import { deliveryJobId } from "../../src/queue/producers.js";
import { createQueues } from "../../src/queue/queues.js";
import { createDeliveryIntake } from "../../src/redis/delivery-intake.js";
import { createDeliveryLedger, type DeliveryRetention } from "../../src/redis/delivery-ledger.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { StoreUnavailable } from "../../src/webhooks/ports.js";
import { read, readEvent, readIgnored } from "../support/read-delivery.js";
import { connect } from "../support/receiver.js";
import {
  type OwnRedis,
  startOwnRedis,
  startRedis,
  type TestRedis,
  uniquePrefix,
} from "../support/redis.js";
import { storedUnder } from "../support/stored-keys.js";
import { deliveryIntakeContract } from "./delivery-intake.js";

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = connect(server.url);
  await redis.connect();
});

afterAll(async () => {
  await redis.quit();
  await server.stop();
});

function open(client = redis, retention?: DeliveryRetention) {
  const prefix = uniquePrefix();
  const queues = createQueues(client, prefix);
  const intake = createDeliveryIntake(client, prefix, createDeliveryJobs(queues), retention);
  return { prefix, queues, queue: queues.get("deliveries"), intake };
}

deliveryIntakeContract("Redis", async () => {
  const { prefix, queue, intake } = open();
  return {
    intake,
    ledger: createDeliveryLedger(redis, prefix),
    lives: async (delivery, fingerprint) => [
      await redis.pttl(`${prefix}:delivery:${delivery}`),
      await redis.pttl(`${prefix}:fingerprint:${fingerprint}`),
    ],
    bodyLives: (fingerprint) => redis.pttl(`${prefix}:body:${fingerprint}`),
    jobs: async () => (await queue.getJobs(["wait"], 0, -1, true)).map(({ id }) => String(id)),
    claim: async (delivery, fingerprint) => {
      await redis.set(`${prefix}:delivery:${delivery}`, "claimed");
      await redis.set(`${prefix}:fingerprint:${fingerprint}`, "claimed");
    },
  };
});

describe("jobs of the Redis delivery intake", () => {
  it("are in every field what BullMQ would have added", async () => {
    const { entry, reading } = read();
    const ours = open();
    await ours.intake.take(read());
    if (reading.kind !== "event") throw new Error("read otherwise");
    const { delivery, fingerprint, at: receivedAt } = entry;
    const job = { delivery, fingerprint, event: reading.event, receivedAt };
    const theirs = open();
    await theirs.queues.add("deliveries", "issue in rocket", deliveryJobId(fingerprint), job);
    const [own, other] = await Promise.all(
      [ours, theirs].map(({ prefix }) => storedUnder(redis, `${prefix}:deliveries:`)),
    );
    expect(own).toEqual(other);
    expect(Object.keys(own ?? {})).toContain("d-f1");
  });

  it("are added once when death came after the add, and before the names were known", async () => {
    const { prefix, queue, intake } = open();
    await intake.take(read());
    await redis.del(`${prefix}:delivery:gitea:1`, `${prefix}:fingerprint:f1`);
    expect(await intake.take(read())).toBe("new");
    expect(await queue.count()).toBe(1);
  });

  it("wait while the queue is paused", async () => {
    const { queue, intake } = open();
    await queue.pause();
    await intake.take(read());
    expect(await queue.isPaused()).toBe(true);
    expect(await queue.count()).toBe(1);
  });
});

describe("an issue whose delivery is taken in", () => {
  const ready = (order: number): ReadyItem => ({
    item: `r-${order}`,
    version: 1,
    project: "rocket",
    order,
    role: "developer",
    provider: "anthropic",
    job: { queue: "slots", id: `r-${order}-v1-slot` },
  });

  it.each([
    ["until it is read", {}, []],
    ["not where it isn't assigned", { assigned: false }, ["r-400"]],
    ["not where nothing starts", { action: "edited" }, ["r-400"]],
  ] as const)("is waited for by higher numbers: %s", async (_, event, granted) => {
    const { prefix, intake } = open();
    const slots = createSlotStore(redis, prefix, { projects: { rocket: 9 }, roles: {} });
    await intake.take(readEvent(event));
    const { grants, again } = await slots.becomeReady(ready(400), Date.now());
    expect(grants.map(({ item }) => item)).toEqual(granted);
    expect(again === null).toBe(granted.length > 0);
    await slots.arrived("rocket", 318);
    expect((await slots.admit(Date.now())).grants.map(({ item }) => item)).toEqual(["r-400"]);
  });
});

describe("Redis delivery intake, settings and faults", () => {
  let own: OwnRedis | undefined;
  afterEach(async () => {
    await own?.stop();
    own = undefined;
  });

  async function openOwn() {
    own = await startOwnRedis();
    const client = connect(own.url);
    await client.connect();
    return { client, server: own, ...open(client) };
  }

  it("keeps names and bodies as long as it is told", async () => {
    const { prefix, intake } = open(redis, { deliveriesMs: 5_000, bodiesMs: 1_000 });
    await intake.take(read());
    expect(await redis.pttl(`${prefix}:delivery:gitea:1`)).toBeLessThanOrEqual(5_000);
    expect(await redis.pttl(`${prefix}:body:f1`)).toBeLessThanOrEqual(1_000);
  });

  it("says that the store is unavailable when it is gone", async () => {
    const { client, server, intake } = await openOwn();
    await server.stop();
    await expect(intake.take(read())).rejects.toBeInstanceOf(StoreUnavailable);
    client.disconnect();
  });

  it("says that the store is unavailable when it refuses writes, and leaves nothing half done", async () => {
    const { client, intake } = await openOwn();
    await client.config("SET", "maxmemory", "1");
    await expect(intake.take(read())).rejects.toThrow(/OOM/);
    await expect(intake.take(readIgnored("not ours"))).rejects.toThrow(/OOM/);
    expect((await client.keys("*")).filter((key) => !key.endsWith(":meta"))).toEqual([]);
    client.disconnect();
  });

  it("says so in time when it is frozen; what then is done late is a duplicate", async () => {
    const { client, server, queue, intake } = await openOwn();
    process.kill(server.pid, "SIGSTOP");
    await expect(intake.take(read())).rejects.toBeInstanceOf(StoreUnavailable);
    process.kill(server.pid, "SIGCONT");
    expect(await intake.take(read())).toBe("duplicate");
    expect(await queue.count()).toBe(1);
    client.disconnect();
  });

  it("sends its script again to a server that has forgotten it", async () => {
    const { client, intake } = await openOwn();
    await intake.take(read());
    await client.script("FLUSH");
    expect(await intake.take(read())).toBe("duplicate");
    client.disconnect();
  });
});
