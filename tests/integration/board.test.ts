import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { appRoutes } from "@bull-board/api/dist/routes.js";
import { Queue, QueueEvents, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADMIN, basic, type OperatorApp, operatorApp, VIEWER } from "../support/operator-app.js";
import { startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";

const FAILED = "ET-001-v3-run";
const COMPLETED = "ET-002-v3-run";
const DELAYED = "ET-003-v3-run";
const HOSTILE = `<img src=x onerror="alert(1)"></script>`;
const ALLOWED = [
  "put /board/api/queues/runs/ET-001-v3-run/retry",
  "put /board/api/queues/runs/ET-003-v3-run/promote",
  "put /board/api/queues/runs/pause",
  "put /board/api/queues/runs/resume",
];

/** Every write Bull Board has, from its own table, so that a new one is tried as soon as it exists. */
const writes = appRoutes.api.flatMap(({ method, route }) =>
  [method].flat().flatMap((verb) =>
    [route].flat().flatMap((path) => {
      if (verb === "get") return [];
      const filled = path
        .replace(":queueName", "runs")
        .replace(":queueStatus", "failed")
        .replace(":schedulerId", "nightly")
        .replace(":jobId", path.endsWith("promote") || path.endsWith("delay") ? DELAYED : FAILED);
      return [{ verb, path: `/board${filled}` }];
    }),
  ),
);
const forbidden = writes.filter(({ verb, path }) => !ALLOWED.includes(`${verb} ${path}`));

let redis: TestRedis;
let runs: Queue;
let app: OperatorApp;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

beforeEach(async () => {
  runs = new Queue("runs", { connection: { url: redis.url }, prefix: uniquePrefix() });
  await finish(runs, [
    [FAILED, () => Promise.reject(new Error(HOSTILE))],
    [COMPLETED, () => Promise.resolve("done")],
  ]);
  await runs.add("run", { item: "ET-003" }, { jobId: DELAYED, delay: 86_400_000 });
  await runs.upsertJobScheduler("nightly", { every: 86_400_000 }, { name: "sweep" });
  app = await operatorApp({ board: [new BullMQAdapter(runs)] });
});
afterEach(async () => {
  await app.close();
  await runs.obliterate({ force: true });
  await runs.close();
});

/** Runs each job to its end in a worker of its own. */
async function finish(queue: Queue, jobs: [id: string, work: () => Promise<string>][]) {
  const { connection, prefix } = {
    connection: { url: redis.url },
    prefix: queue.opts.prefix ?? "",
  };
  const events = new QueueEvents(queue.name, { connection, prefix });
  await events.waitUntilReady();
  const work = new Map(jobs);
  const worker = new Worker(
    queue.name,
    (job) => work.get(job.id ?? "")?.() ?? Promise.reject(new Error(`unexpected ${job.id}`)),
    { connection, prefix },
  );
  for (const [jobId] of jobs) {
    const job = await queue.add("run", { item: jobId.slice(0, 6), title: HOSTILE }, { jobId });
    await Promise.allSettled([job.waitUntilFinished(events)]);
  }
  await worker.close();
  await events.close();
}

/** All that a write could have changed. */
async function picture() {
  const jobs = await runs.getJobs();
  return {
    counts: await runs.getJobCounts(),
    jobs: jobs.map(({ id, data, delay, priority }) => ({ id, data, delay, priority })),
    paused: await runs.isPaused(),
    concurrency: await runs.getGlobalConcurrency(),
    rateLimit: await runs.getGlobalRateLimit(),
    schedulers: await runs.getJobSchedulers(),
  };
}

function send(verb: string, path: string, headers: Record<string, string>) {
  return app.fetch(path, {
    method: verb.toUpperCase(),
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ name: "run", data: {}, jobData: {}, concurrency: 1, priority: 1 }),
  });
}

describe("the board's writes", () => {
  it("are known: the four allowed ones are among Bull Board's own", () => {
    expect(writes.length).toBeGreaterThan(20);
    expect(forbidden).toHaveLength(writes.length - ALLOWED.length);
  });

  it.each([
    ["nobody", 401, {}],
    ["a viewer", 403, basic(VIEWER)],
    ["the admin's browser on behalf of another site", 403, crossSite()],
  ])("are all refused to %s, and change nothing", async (_, status, headers) => {
    const before = await picture();
    for (const { verb, path } of writes) {
      expect((await send(verb, path, headers)).status, `${verb} ${path}`).toBe(status);
    }
    expect(await picture()).toEqual(before);
  });

  it("beyond the allowed ones are refused to the admin too, and change nothing", async () => {
    const before = await picture();
    for (const { verb, path } of forbidden) {
      const response = await send(verb, path, basic(ADMIN));
      expect(response.status, `${verb} ${path}`).toBe(403);
      expect(response.headers.get("content-type")).toContain("json");
    }
    expect(await picture()).toEqual(before);
  });

  it("let the admin retry a failed job", async () => {
    const response = await send("put", `/board/api/queues/runs/${FAILED}/retry`, basic(ADMIN));
    expect(response.status).toBe(204);
    expect(await runs.getJobState(FAILED)).toBe("waiting");
  });

  it("let the admin promote a delayed job", async () => {
    const response = await send("put", `/board/api/queues/runs/${DELAYED}/promote`, basic(ADMIN));
    expect(response.status).toBe(204);
    expect(await runs.getJobState(DELAYED)).toBe("waiting");
  });

  it("let the admin pause and resume a queue", async () => {
    expect((await send("put", "/board/api/queues/runs/pause", basic(ADMIN))).status).toBe(200);
    expect(await runs.isPaused()).toBe(true);
    expect((await send("put", "/board/api/queues/runs/resume", basic(ADMIN))).status).toBe(200);
    expect(await runs.isPaused()).toBe(false);
  });

  it.each([
    ["run a completed job again", `${COMPLETED}/retry`],
    ["retry a job that hasn't run", `${DELAYED}/retry`],
    ["promote a job that has failed", `${FAILED}/promote`],
    ["clean under the name of a retry", "clean/retry"],
  ])("don't let the admin %s", async (_, path) => {
    const before = await picture();
    const response = await send("put", `/board/api/queues/runs/${path}`, basic(ADMIN));
    expect(response.status).toBe(403);
    expect(await picture()).toEqual(before);
  });

  it("of unknown jobs and queues are 404", async () => {
    for (const path of ["runs/ET-404/retry", "nothing/pause", "nothing/ET-001/retry"]) {
      expect((await send("put", `/board/api/queues/${path}`, basic(ADMIN))).status).toBe(404);
    }
  });
});

describe("the board's page", () => {
  it.each(["/board", "/board/", "/board/queue/runs"])(
    "%s loads nothing from elsewhere",
    async (path) => {
      const response = await app.fetch(path, { headers: basic(VIEWER) });
      expect(response.status).toBe(200);
      const page = await response.text();
      expect(page).toContain("<title>Stagecoach</title>");
      expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
      expect(page).not.toMatch(/<style|style="/);
      const scripts = [...page.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, src]) => src);
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) {
        const part = await app.fetch(new URL(String(script), "http://a/board/").pathname, {
          headers: basic(VIEWER),
        });
        expect(part.status).toBe(200);
        expect(await part.text()).not.toBe("");
      }
    },
  );

  it("shows jobs as JSON, never as markup", async () => {
    const path = `/board/api/queues/runs/${FAILED}`;
    const response = await app.fetch(path, { headers: basic(VIEWER) });
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(await response.json()).toMatchObject({
      job: { data: { title: HOSTILE }, failedReason: HOSTILE },
    });
  });

  it("keeps a fault's text, which may name the store's address, to the log", async () => {
    await app.close();
    const broken = new BullMQAdapter(runs);
    broken.getJobCounts = () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:6379"));
    app = await operatorApp({ board: [broken] });
    const response = await app.fetch("/board/api/queues", { headers: basic(ADMIN) });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("10.1.2.3");
  });

  it("tells nothing of the store", async () => {
    const response = await app.fetch("/board/api/redis/stats", { headers: basic(ADMIN) });
    expect(response.status).toBe(403);
  });
});

function crossSite(): Record<string, string> {
  return { ...basic(ADMIN), "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" };
}
