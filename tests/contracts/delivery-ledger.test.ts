import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDeliveryLedger } from "../../src/redis/delivery-ledger.js";
import { StoreUnavailable } from "../../src/webhooks/ports.js";
import { connect } from "../support/receiver.js";
import { startOwnRedis, startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";
import { deliveryLedgerContract } from "./delivery-ledger.js";

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

deliveryLedgerContract("Redis", async () => {
  const prefix = uniquePrefix();
  return {
    ledger: createDeliveryLedger(redis, prefix),
    lives: async (delivery, fingerprint) => [
      await redis.pttl(`${prefix}:delivery:${delivery}`),
      await redis.pttl(`${prefix}:fingerprint:${fingerprint}`),
    ],
    bodyLives: (fingerprint) => redis.pttl(`${prefix}:body:${fingerprint}`),
  };
});

describe("Redis delivery ledger, settings and faults", () => {
  let own: TestRedis | undefined;
  afterEach(async () => {
    await own?.stop();
    own = undefined;
  });

  it("keeps log and bodies as long as it is told", async () => {
    const prefix = uniquePrefix();
    const ledger = createDeliveryLedger(redis, prefix, { deliveriesMs: 5_000, bodiesMs: 1_000 });
    await ledger.claim("gitea:1", "f1", "{}");
    expect(await redis.pttl(`${prefix}:delivery:gitea:1`)).toBeLessThanOrEqual(5_000);
    expect(await redis.pttl(`${prefix}:body:f1`)).toBeLessThanOrEqual(1_000);
  });

  it("says that the store is unavailable when it is gone", async () => {
    own = await startOwnRedis();
    const client = connect(own.url);
    await client.connect();
    const ledger = createDeliveryLedger(client, uniquePrefix());
    await own.stop();
    await expect(ledger.claim("gitea:1", "f1")).rejects.toBeInstanceOf(StoreUnavailable);
    client.disconnect();
  });

  it("says that the store is unavailable when it refuses writes", async () => {
    own = await startOwnRedis();
    const client = connect(own.url);
    await client.connect();
    await client.config("SET", "maxmemory", "1");
    const ledger = createDeliveryLedger(client, uniquePrefix());
    await expect(ledger.claim("gitea:1", "f1")).rejects.toThrow(/OOM/);
    client.disconnect();
  });

  it("sends its scripts again to a server that has forgotten them", async () => {
    own = await startOwnRedis();
    const client = connect(own.url);
    await client.connect();
    const ledger = createDeliveryLedger(client, uniquePrefix());
    await ledger.claim("gitea:1", "f1");
    await client.script("FLUSH");
    expect(await ledger.claim("gitea:1", "f1")).toBe("claimed");
    client.disconnect();
  });
});
