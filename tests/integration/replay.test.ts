import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fleet } from "../../src/domain/fleet.js";
import { createDeliveryJobs } from "../../src/queue/delivery-jobs.js";
import { createReplayQueue } from "../../src/queue/producers.js";
import { createQueues, type Queues } from "../../src/queue/queues.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { createDeliveryIntake } from "../../src/redis/delivery-intake.js";
import { createDeliveryLedger } from "../../src/redis/delivery-ledger.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { createIngest } from "../../src/webhooks/ingest.js";
import type { DeliveryLedger } from "../../src/webhooks/ports.js";
import { replay } from "../../src/webhooks/replay.js";
import { startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";
import { rocketFleet } from "../support/rocket-fleet.js";
import { fixture, hmac, SECRETS } from "../support/signed-request.js";

const ASSIGNED = fixture("gitea/issues_assigned_to_bot");
const DELIVERY = `gitea:${ASSIGNED.headers["X-Gitea-Delivery"]}`;
const strangers = (): Fleet => ({ ...rocketFleet(), projects: [] });

let server: TestRedis;
let redis: RedisConnection;
let queues: Queues;
let prefix: string;
let ledger: DeliveryLedger;

beforeEach(async () => {
  server = await startRedis();
  prefix = uniquePrefix();
  redis = connectRedis({ url: server.url, role: "worker", log: silentLogger() });
  queues = createQueues(redis, prefix);
  ledger = createDeliveryLedger(redis, prefix);
});

afterEach(async () => {
  await queues.close();
  redis.disconnect();
  await server.stop();
});

const intake = () => createDeliveryIntake(redis, prefix, createDeliveryJobs(queues));

/** Takes the sample delivery in as the receiver does. */
async function take(fleet = rocketFleet()) {
  const body = Buffer.from(ASSIGNED.body);
  const headers = {
    "content-type": "application/json",
    "x-gitea-signature": hmac(SECRETS.gitea, body),
    ...Object.fromEntries(
      Object.entries(ASSIGNED.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  };
  const ingest = createIngest({
    intake: intake(),
    fleet,
    secrets: { gitea: [SECRETS.gitea], plane: [] },
    allowUnsigned: false,
    clock: () => new Date(),
  });
  return ingest({ source: "gitea", headers, body });
}

const again = (delivery: string, fleet = rocketFleet()) =>
  replay({ ledger, queue: createReplayQueue(queues), fleet }, delivery);

async function fingerprint(): Promise<string> {
  return (await ledger.recent(1))[0]?.fingerprint ?? "";
}

describe("a replay", () => {
  it("adds what the delivery says again, each time under an id of its own", async () => {
    expect(await take()).toMatchObject({ kind: "accepted", delivery: DELIVERY });
    const known = await fingerprint();
    for (const count of [1, 2]) {
      const job = `d-${known}-r${count}`;
      expect(await again(DELIVERY)).toEqual({ kind: "queued", delivery: DELIVERY, job });
      const first = await queues.get("deliveries").getJob(`d-${known}`);
      const copy = await queues.get("deliveries").getJob(job);
      expect(copy?.data).toEqual({ ...first?.data, replay: count });
    }
  });

  it("reads one that was ignored by the configuration of now", async () => {
    expect(await take(strangers())).toMatchObject({ kind: "ignored" });
    expect(await again(DELIVERY, strangers())).toMatchObject({ kind: "ignored" });
    expect(await queues.get("deliveries").count()).toBe(0);
    expect(await again(DELIVERY)).toMatchObject({ kind: "queued" });
  });

  it("takes the job as it was when the body is no longer kept, and says when both are gone", async () => {
    await take();
    const known = await fingerprint();
    await redis.del(`${prefix}:body:${known}`);
    expect(await again(DELIVERY)).toMatchObject({ kind: "queued", job: `d-${known}-r1` });
    await (await queues.get("deliveries").getJob(`d-${known}`))?.remove();
    expect(await again(DELIVERY)).toEqual({ kind: "gone" });
  });

  it("finds a delivery behind many newer ones, and knows what it doesn't know", async () => {
    await take();
    const entry = (await ledger.recent(1))[0];
    if (entry === undefined) throw new Error("nothing was logged");
    const later = Date.parse(entry.at) + 1_000;
    for (let number = 0; number < 600; number += 1) {
      const at = new Date(later + number).toISOString();
      const { fingerprint, source, event } = entry;
      await intake().take({
        entry: { delivery: `gitea:${number}`, fingerprint, source, event, at },
        reading: { kind: "ignored", reason: "known by its body" },
        body: Buffer.from("{}"),
      });
    }
    expect(await again(DELIVERY)).toMatchObject({ kind: "queued" });
    expect(await again("gitea:never")).toEqual({ kind: "unknown" });
  });
});
