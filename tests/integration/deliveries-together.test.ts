import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDeliveryJobs } from "../../src/queue/delivery-jobs.js";
import { createQueues, type Queues } from "../../src/queue/queues.js";
import { createDeliveryIntake } from "../../src/redis/delivery-intake.js";
import { createDeliveryLedger } from "../../src/redis/delivery-ledger.js";
import type { DeliveryLedger, SpooledDelivery } from "../../src/webhooks/ports.js";
import { connect, startReceiver, type TestReceiver } from "../support/receiver.js";
import { type OwnRedis, startOwnRedis, uniquePrefix } from "../support/redis.js";
import { fixture, post, request, type SampleRequest, signed } from "../support/signed-request.js";

let server: OwnRedis;
let redis: Redis;
let prefix: string;
let queues: Queues;
let ledger: DeliveryLedger;
let receiver: TestReceiver | undefined;

beforeEach(async () => {
  server = await startOwnRedis();
  redis = connect(server.url);
  await redis.connect();
  prefix = uniquePrefix();
  queues = createQueues(redis, prefix);
  ledger = createDeliveryLedger(redis, prefix);
});

afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
  redis.disconnect();
  await queues.close();
  await server.stop();
});

/** A receiver with the intake of the product; what it spools is kept in a list. */
async function open() {
  const spooled: SpooledDelivery[] = [];
  receiver = await startReceiver({
    intake: createDeliveryIntake(redis, prefix, createDeliveryJobs(queues)),
    spool: {
      append: async (delivery) => {
        spooled.push(delivery);
      },
      // None has others before it, so that each finds out by itself whether the store is there.
      waiting: () => 0,
      drain: async () => undefined,
    },
  });
  return { origin: receiver.origin, spooled };
}

const SAMPLE = fixture("gitea/issues_assigned_to_bot");

/** Of so many issues, each another's. */
function assignments(count: number, from = 0): SampleRequest[] {
  const body = JSON.parse(SAMPLE.body.toString());
  return Array.from({ length: count }, (_, at) => {
    const number = from + at + 1;
    const headers = { "X-Gitea-Event": "issues", "X-Gitea-Delivery": `together-${number}` };
    return signed(request("gitea", headers, { ...body, issue: { ...body.issue, number } }));
  });
}

const all = (origin: string, samples: readonly SampleRequest[]) =>
  Promise.all(samples.map((sample) => post(origin, sample)));

/** The issues that jobs are about, in the queue's order. */
async function queued(): Promise<number[]> {
  const jobs = await queues.get("deliveries").getJobs(["wait"], 0, -1, true);
  return jobs.map(({ data }) => data.event.number);
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);
const ascending = (numbers: number[]) => numbers.sort((one, other) => one - other);

describe("deliveries that come together", () => {
  it("make one job each, also when each is sent three times under other ids", async () => {
    const { origin, spooled } = await open();
    const sent = assignments(100);
    const again = sent.flatMap((sample, at) =>
      ["b", "c"].map((id) => ({
        ...sample,
        headers: { ...sample.headers, "X-Gitea-Delivery": `${id}-${at}` },
      })),
    );
    const answers = await all(origin, [...sent, ...again]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(ascending(await queued())).toEqual(upTo(100));
    expect(spooled).toEqual([]);
    const log = await ledger.recent(1_000);
    expect(new Set(log.map(({ fingerprint }) => fingerprint)).size).toBe(100);
  });

  it("are each answered for themselves: bad ones and others' repeats harm no neighbour", async () => {
    const { origin } = await open();
    const [known, ...rest] = assignments(41);
    await post(origin, known as SampleRequest);
    const malformed = signed(request("gitea", { "X-Gitea-Event": "issues" }, { action: "opened" }));
    const unsigned = { ...SAMPLE, headers: { ...SAMPLE.headers, "X-Gitea-Signature": "0" } };
    const mixed = rest.flatMap((sample) => [malformed, sample, unsigned, known as SampleRequest]);
    const answers = await all(origin, mixed);
    for (let at = 0; at < answers.length; at += 4) {
      const [bad, good, stranger, repeat] = answers.slice(at, at + 4);
      expect([bad?.status, good?.status, stranger?.status]).toEqual([400, 200, 401]);
      expect(good?.body.status).toBe("success");
      expect(repeat?.body).toEqual({ status: "duplicate" });
    }
    expect(ascending(await queued())).toEqual(upTo(41));
  });

  it("are each spooled when the script fails halfway, and each is added once", async () => {
    const { origin, spooled } = await open();
    const sent = assignments(60);
    // The queue's counter can't count: some of a trip is done, and none of it answered.
    await redis.lpush(`${prefix}:deliveries:id`, "no number");
    const answers = await all(origin, sent);
    expect(answers.map(({ status }) => status)).toEqual(sent.map(() => 200));
    expect(spooled).toHaveLength(60);
    expect(await queued()).toEqual([]);
    await redis.del(`${prefix}:deliveries:id`);
    const repeats = await all(origin, sent);
    expect(repeats.map(({ body }) => body.status)).toEqual(sent.map(() => "success"));
    expect(ascending(await queued())).toEqual(upTo(60));
    const third = await all(origin, sent);
    expect(third.map(({ body }) => body.status)).toEqual(sent.map(() => "duplicate"));
    expect(await queues.get("deliveries").count()).toBe(60);
  });

  it("are each spooled and answered when Redis freezes under them", async () => {
    const { origin, spooled } = await open();
    await post(origin, assignments(1)[0] as SampleRequest);
    process.kill(server.pid, "SIGSTOP");
    const answers = await all(origin, assignments(50, 1));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(spooled).toHaveLength(50);
    process.kill(server.pid, "SIGCONT");
    // The trip that was under way ends late; sent again, each still has one job.
    await all(origin, assignments(50, 1));
    expect(ascending(await queued())).toEqual(upTo(51));
  });

  it("are added when the server has forgotten its scripts", async () => {
    const { origin, spooled } = await open();
    await all(origin, assignments(5));
    await redis.script("FLUSH");
    await all(origin, assignments(20, 5));
    expect(spooled).toEqual([]);
    expect(ascending(await queued())).toEqual(upTo(25));
  });
});
