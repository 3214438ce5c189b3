import { createHash } from "node:crypto";
import { connect as openSocket } from "node:net";
import { Queue } from "bullmq";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createDeliveryJobs } from "../../src/queue/delivery-jobs.js";
import { createDeliveryIntake } from "../../src/redis/delivery-intake.js";
import { createDeliveryLedger } from "../../src/redis/delivery-ledger.js";
import type { AcceptedDelivery, DeliveryIntake } from "../../src/webhooks/ports.js";
import { connect, startReceiver, type TestReceiver } from "../support/receiver.js";
import {
  type OwnRedis,
  startOwnRedis,
  startRedis,
  type TestRedis,
  uniquePrefix,
} from "../support/redis.js";
import {
  expectedAnswers,
  fixture,
  hmac,
  post,
  redelivered,
  request,
  type SampleRequest,
  SECRETS,
  signatures,
  signed,
} from "../support/signed-request.js";

let server: TestRedis;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connected(url: string) {
  const redis = connect(url);
  await redis.connect();
  cleanups.push(() => redis.disconnect());
  return redis;
}

async function open(changes: Partial<Parameters<typeof startReceiver>[0]> = {}, url = server.url) {
  const redis = await connected(url);
  const prefix = uniquePrefix();
  const queue = new Queue<AcceptedDelivery>("deliveries", {
    connection: redis,
    prefix,
    // Some tests look for any trace left in Redis; the queue itself should leave none.
    skipMetasUpdate: true,
  });
  queue.on("error", (error) => void error);
  cleanups.push(() => queue.close());
  const intake = createDeliveryIntake(redis, prefix, createDeliveryJobs({ get: () => queue }));
  const receiver = await startReceiver({ intake, ...changes });
  cleanups.push(() => receiver.close());
  const ledger = createDeliveryLedger(redis, prefix);
  return { receiver, redis, prefix, ledger, queue, intake };
}

const ASSIGNED = "gitea/issues_assigned_to_bot";
const PLANE_CREATED = "plane/issue_created_ui_unicode";

/** Tests need several receivers on one store: one dies, the next takes up. */
async function another(intake: DeliveryIntake): Promise<TestReceiver> {
  const receiver = await startReceiver({ intake });
  cleanups.push(() => receiver.close());
  return receiver;
}

describe("every sample request", () => {
  for (const [name, { because: _, ...expected }] of Object.entries(expectedAnswers())) {
    it(`answers ${name} with ${JSON.stringify(expected)}`, async () => {
      const { receiver, queue } = await open();
      const answer = await post(receiver.origin, signed(fixture(name)));
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject(expected);
      const dispatched = expected.status === "ignored" ? 0 : 1;
      expect(await queue.count()).toBe(dispatched);
      if (dispatched === 1) {
        const id =
          fixture(name).headers["X-Gitea-Delivery"] ?? fixture(name).headers["X-Plane-Delivery"];
        expect(answer.body.delivery).toBe(`${fixture(name).source}:${id}`);
      } else expect(answer.body.reason).toEqual(expect.any(String));
    });
  }
});

describe("signatures", () => {
  for (const name of [ASSIGNED, PLANE_CREATED]) {
    const sample = fixture(name);
    const header = sample.source === "plane" ? "X-Plane-Signature" : "X-Gitea-Signature";
    const good = hmac(SECRETS[sample.source], sample.signed);
    const bad: Record<string, string | undefined> = {
      missing: undefined,
      empty: "",
      wrong: hmac("another secret", sample.signed),
      short: good.slice(0, 63),
      "one too long": `${good}0`,
      "not hex": `${good.slice(0, 63)}g`,
      prefixed: `sha256=${good}`,
      "SHA-1": hmac(SECRETS[sample.source], sample.signed, "sha1"),
      "SHA-1, prefixed": `sha1=${hmac(SECRETS[sample.source], sample.signed, "sha1")}`,
      "SHA-512": hmac(SECRETS[sample.source], sample.signed, "sha512"),
      "written twice": good + good,
      "sent twice": `${good}, ${good}`,
      "of an empty secret": hmac("", sample.signed),
      "of another body": hmac(SECRETS[sample.source], Buffer.from("{}")),
    };
    for (const [what, value] of Object.entries(bad)) {
      it(`refuses ${sample.source} when the signature is ${what}, and leaves nothing`, async () => {
        const { receiver, redis, prefix } = await open();
        // The other headers a tracker signs with don't make up for it.
        const headers = { ...sample.headers, ...signatures(sample) };
        delete headers[header];
        if (value !== undefined) headers[header] = value;
        const answer = await post(receiver.origin, { ...sample, headers });
        expect(answer.status).toBe(401);
        expect(answer.body).toEqual({ detail: "Invalid or missing signature" });
        expect(await redis.keys(`${prefix}*`)).toEqual([]);
      });
    }
  }

  it("refuses a header that really is sent twice", async () => {
    const { receiver } = await open();
    const sample = fixture(ASSIGNED);
    const line = `X-Gitea-Signature: ${hmac(SECRETS.gitea, sample.signed)}\r\n`;
    const head = `POST /webhook/gitea HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${sample.body.length}\r\n`;
    expect(await raw(receiver.origin, `${head}${line}\r\n`, sample.body)).toContain(" 200 OK");
    expect(await raw(receiver.origin, `${head}${line}${line}\r\n`, sample.body)).toContain(" 401 ");
  });

  it("takes either of two secrets, so that one can be rotated, and upper-case hex", async () => {
    const { receiver } = await open({ secrets: { gitea: ["new", "old"], plane: [] } });
    expect((await post(receiver.origin, signed(fixture(ASSIGNED), "old"))).status).toBe(200);
    expect((await post(receiver.origin, signed(fixture(ASSIGNED), "new"))).status).toBe(200);
    const shouted = fixture(ASSIGNED);
    shouted.headers["X-Gitea-Signature"] = hmac("new", shouted.signed).toUpperCase();
    expect((await post(receiver.origin, shouted)).status).toBe(200);
    expect((await post(receiver.origin, signed(fixture(ASSIGNED), "older"))).status).toBe(401);
  });

  it("never verifies with an empty secret, nor without any", async () => {
    for (const secrets of [[], [""], ["", ""]]) {
      const { receiver } = await open({ secrets: { gitea: secrets, plane: secrets } });
      for (const name of [ASSIGNED, PLANE_CREATED]) {
        expect((await post(receiver.origin, signed(fixture(name), ""))).status).toBe(401);
        expect((await post(receiver.origin, fixture(name))).status).toBe(401);
      }
    }
  });

  it("believes unsigned deliveries only where allowed, and only of a tracker without a secret", async () => {
    const { receiver } = await open({
      secrets: { gitea: [""], plane: [SECRETS.plane] },
      allowUnsigned: true,
    });
    expect((await post(receiver.origin, fixture(ASSIGNED))).status).toBe(200);
    expect((await post(receiver.origin, fixture(PLANE_CREATED))).status).toBe(401);
  });
});

describe("the order of checks", () => {
  const body = (bytes: string | Buffer, type: string | null) => {
    const sample = request("gitea", { "X-Gitea-Event-Type": "issue_assign" }, bytes);
    if (type !== null) sample.headers["Content-Type"] = type;
    return sample;
  };
  const limited = { app: { bodyLimit: 1_000 } };

  it("asks for the size first, then signature, kind, shape", async () => {
    const { receiver, redis, prefix } = await open(limited);
    const large = body(Buffer.alloc(1_001, "x"), "text/plain");
    const answers: [number, SampleRequest][] = [
      [413, large],
      [413, signed(large)],
      [401, body("not json", "text/plain")],
      [415, signed(body("not json", "text/plain"))],
      [415, signed(body("{}", "application/xml"))],
      [400, signed(body("not json", "application/json"))],
      [400, signed(body("[]", "application/json"))],
      [400, signed(body("null", "application/json; charset=utf-8"))],
      [400, signed(body("{}", "application/json"))],
      [400, signed(body(Buffer.from([0x22, 0xff, 0x22]), "application/json"))],
      [400, signed(body("", "application/json"))],
    ];
    for (const [status, sample] of answers) {
      const answer = await post(receiver.origin, sample);
      expect(answer.status, `${sample.body.subarray(0, 20)}`).toBe(status);
      expect(answer.body.detail).toEqual(expect.any(String));
    }
    expect(await redis.keys(`${prefix}*`)).toEqual([]);
  });

  it("takes exactly the limit, 5 MiB unless told otherwise", async () => {
    const { receiver } = await open();
    const limit = 5 * 1024 * 1024;
    const padded = (size: number) => body(`{"a":1${" ".repeat(size - 7)}}`, "application/json");
    expect((await post(receiver.origin, signed(padded(limit)))).status).toBe(400);
    expect((await post(receiver.origin, signed(padded(limit + 1)))).status).toBe(413);
  });

  it("answers 413 to a body of unannounced length too", async () => {
    const { receiver } = await open(limited);
    const head =
      "POST /webhook/gitea HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    const chunk = `3e8\r\n${"x".repeat(1_000)}\r\n`;
    const answer = await raw(receiver.origin, head, Buffer.from(`${chunk}${chunk}0\r\n\r\n`));
    expect(answer).toContain(" 413 ");
  });

  it("doesn't unpack: a compressed body is a kind it doesn't read", async () => {
    const { receiver } = await open();
    const sample = fixture(ASSIGNED);
    sample.headers["Content-Encoding"] = "gzip";
    expect((await post(receiver.origin, signed(sample))).status).toBe(415);
  });

  it("goes on after a sender who hangs up in the middle", async () => {
    const { receiver } = await open();
    const head = "POST /webhook/gitea HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf";
    const { hostname, port } = new URL(receiver.origin);
    const socket = openSocket(Number(port), hostname);
    await new Promise<void>((resolve) => socket.write(head, () => resolve()));
    socket.destroy();
    await untilCounted(receiver, 'source="gitea",outcome="aborted"');
    expect((await post(receiver.origin, signed(fixture(ASSIGNED)))).status).toBe(200);
  });
});

describe("bodies that don't fit", () => {
  it("answers 400 naming the field, and leaves nothing", async () => {
    const { receiver, redis, prefix } = await open();
    const without = { action: "assigned", repository: { full_name: "acme/rocket" } };
    const sample = request("gitea", { "X-Gitea-Event": "issues" }, without);
    const answer = await post(receiver.origin, signed(sample));
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(/^issue\b/);
    expect(await redis.keys(`${prefix}*`)).toEqual([]);
  });

  const samples = Object.keys(expectedAnswers()).filter((name) => name.startsWith("gitea/"));
  const events = [...new Set(samples.map((name) => fixture(name).headers["X-Gitea-Event"]))];
  for (const name of samples) {
    it(`refuses ${name} under any other event's header`, async () => {
      const { receiver } = await open();
      const own = fixture(name).headers["X-Gitea-Event"];
      for (const event of events) {
        if (event === own || event === undefined) continue;
        const sample = signed(fixture(name));
        delete sample.headers["X-Gitea-Event-Type"];
        sample.headers["X-Gitea-Event"] = event;
        expect((await post(receiver.origin, sample)).status, `${name} as ${event}`).toBe(400);
      }
    });
  }

  it("refuses a rejection that claims to be an approval", async () => {
    const { receiver } = await open();
    const sample = signed(fixture("gitea/pull_request_review_rejected"));
    sample.headers["X-Gitea-Event-Type"] = "pull_request_review_approved";
    expect((await post(receiver.origin, sample)).status).toBe(400);
  });

  it("refuses a Plane body under another event's header", async () => {
    const { receiver } = await open();
    const sample = signed(fixture(PLANE_CREATED));
    sample.headers["X-Plane-Event"] = "issue_comment";
    expect((await post(receiver.origin, sample)).status).toBe(400);
  });
});

describe("de-duplication", () => {
  for (const name of [ASSIGNED, PLANE_CREATED, "gitea/form_encoded_issue_comment"]) {
    it(`dispatches ${name} once, whatever it is sent under`, async () => {
      const { receiver, queue, ledger } = await open();
      const sample = signed(fixture(name));
      expect((await post(receiver.origin, sample)).body.status).not.toBe("duplicate");
      for (const again of [sample, redelivered(sample, "0-0-1"), redelivered(sample, "0-0-1")]) {
        const answer = await post(receiver.origin, again);
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual({ status: "duplicate" });
      }
      expect(await queue.count()).toBe(1);
      const outcomes = (await ledger.recent(10)).map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "duplicate")).toHaveLength(3);
    });
  }

  it("makes one job of fifty concurrent posts of one delivery", async () => {
    const { receiver, queue } = await open();
    const sample = signed(fixture(ASSIGNED));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(receiver.origin, sample)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.some(({ body }) => body.status === "success")).toBe(true);
    expect(await queue.count()).toBe(1);
  });

  it("answers duplicate to what it ignored, for a minute", async () => {
    const { receiver, redis, prefix } = await open();
    const sample = signed(fixture("plane/project_updated_name"));
    expect((await post(receiver.origin, sample)).body.status).toBe("ignored");
    expect((await post(receiver.origin, sample)).body).toEqual({ status: "duplicate" });
    const key = `${prefix}:delivery:plane:${sample.headers["X-Plane-Delivery"]}`;
    expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
    // The minute is over: its keys are gone.
    await redis.del(key, ...(await redis.keys(`${prefix}:fingerprint:*`)));
    expect((await post(receiver.origin, sample)).body.status).toBe("ignored");
  });

  it("names a delivery without an id by what was sent", async () => {
    const { receiver } = await open();
    const sha256 = (...parts: (string | Buffer)[]) => {
      const hash = createHash("sha256");
      for (const part of parts) hash.update(part);
      return hash.digest("hex");
    };
    const gitea = signed(redelivered(fixture(ASSIGNED), " "));
    expect((await post(receiver.origin, gitea)).body.delivery).toBe(
      `gitea:${sha256("gitea", "issue_assign", gitea.signed)}`,
    );
    const plane = signed(fixture(PLANE_CREATED));
    delete plane.headers["X-Plane-Delivery"];
    expect((await post(receiver.origin, plane)).body.delivery).toBe(
      `plane:${sha256("plane", plane.signed)}`,
    );
    const hooked = signed(fixture("plane/issue_comment_created"));
    delete hooked.headers["X-Plane-Delivery"];
    hooked.headers["X-Hook-Delivery"] = "h-1";
    expect((await post(receiver.origin, hooked)).body.delivery).toBe("plane:h-1");
  });

  it("keeps the body apart from the job, byte for byte", async () => {
    const { receiver, queue, ledger } = await open();
    const sample = signed(fixture(ASSIGNED));
    await post(receiver.origin, sample);
    const [job] = await queue.getJobs();
    expect(job?.data.event).toMatchObject({ kind: "issue", action: "assigned", number: 318 });
    expect(JSON.stringify(job?.data).length).toBeLessThan(1_000);
    expect(await ledger.body(job?.data.fingerprint ?? "")).toBe(sample.body.toString());
  });
});

describe("death on the way to the queue", () => {
  // Where only the WebAssembly engine is at hand every step takes a tenth of a second.
  it("loses nothing and adds nothing twice, a hundred times over", {
    timeout: 300_000,
  }, async () => {
    const { receiver, queue, intake } = await open();
    const gone = () => Promise.reject(new Error("the process is gone"));
    const before = await another({ take: gone });
    const after = await another({ take: (delivery) => intake.take(delivery).then(gone) });
    for (let round = 0; round < 100; round += 1) {
      const body = { ...JSON.parse(fixture(ASSIGNED).body.toString()), round };
      const headers = { "X-Gitea-Event": "issues", "X-Gitea-Delivery": `round-${round}` };
      const sample = signed(request("gitea", headers, body));
      const isTaken = round % 2 === 1;
      expect((await post((isTaken ? after : before).origin, sample)).status).toBe(503);
      expect(await queue.count()).toBe(isTaken ? round + 1 : round);
      const again = round % 4 < 2 ? sample : redelivered(sample, `again-${round}`);
      const success = { status: "success", action: "assigned", issue_number: 318 };
      expect((await post(receiver.origin, again)).body).toMatchObject(
        isTaken ? { status: "duplicate" } : success,
      );
      expect((await post(receiver.origin, sample)).body).toEqual({ status: "duplicate" });
      expect(await queue.count()).toBe(round + 1);
    }
  });
});

describe("with the store down", () => {
  const faults: Record<string, (own: OwnRedis) => Promise<unknown> | unknown> = {
    gone: (own) => own.stop(),
    frozen: (own) => process.kill(own.pid, "SIGSTOP"),
    full: async (own) => {
      const redis = connect(own.url);
      await redis.connect();
      await redis.config("SET", "maxmemory", "1");
      redis.disconnect();
    },
    "a replica": async (own) => {
      const redis = connect(own.url);
      await redis.connect();
      await redis.replicaof("127.0.0.1", 1);
      redis.disconnect();
    },
  };
  for (const [what, fail] of Object.entries(faults)) {
    it(`answers 503 in time when it is ${what}, and says when to come again`, async () => {
      const own = await startOwnRedis();
      cleanups.push(() => own.stop());
      const { receiver } = await open({}, own.url);
      await fail(own);
      const started = performance.now();
      const answers = await Promise.all(
        [ASSIGNED, "plane/project_updated_name"].map((name) =>
          post(receiver.origin, signed(fixture(name))),
        ),
      );
      expect(performance.now() - started).toBeLessThan(2_000);
      for (const { status, headers, body } of answers) {
        expect(status).toBe(503);
        expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
        expect(JSON.stringify(body)).not.toMatch(/redis|127\.0\.0\.1|OOM/i);
      }
      expect((await post(receiver.origin, fixture(ASSIGNED))).status).toBe(401);
    });
  }
});

/** Sends exactly this and returns what comes back until the other side ends. */
function raw(origin: string, head: string, body: Buffer): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = openSocket(Number(port), hostname);
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("end", () => resolve(answer)).on("error", reject);
    socket.write(head);
    socket.write(body);
  });
}

async function untilCounted({ registry }: TestReceiver, labels: string): Promise<void> {
  while (!(await registry.metrics()).includes(`stagecoach_deliveries_total{${labels}} 1`)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
