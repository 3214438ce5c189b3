import { once } from "node:events";
import { type FlowJob, FlowProducer, Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AFTER_RUN, jobIds } from "../../src/domain/ids.js";
import type { FlowPlan, Notification } from "../../src/engine/flows.js";
import type { ReadyItem } from "../../src/engine/slots.js";
import { createFlowJobs, createFlows, PARKED_MS } from "../../src/queue/flow-jobs.js";
import { createQueues } from "../../src/queue/queues.js";
import type { RedisConnection } from "../../src/redis/connection.js";
import { createFlowStore } from "../../src/redis/flow-store.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { uniquePrefix } from "../support/redis.js";
import { storedUnder } from "../support/stored-keys.js";
import { openTestRedis } from "../support/work.js";

let server: Awaited<ReturnType<typeof openTestRedis>>;
let redis: RedisConnection;

beforeAll(async () => {
  server = await openTestRedis();
  redis = server.redis;
});

afterAll(() => server.close());

function open() {
  const prefix = uniquePrefix();
  const queues = createQueues(redis, prefix);
  const flows = createFlows(queues, createFlowStore(redis, prefix, createFlowJobs(queues)));
  return { prefix, queues, flows };
}

const RUN: FlowPlan = {
  item: "ET-001",
  version: 3,
  evaluation: AFTER_RUN,
  trigger: "run",
  run: { unmet: [] },
};
const BLOCKERS = ["gitea:acme/rocket#8", "gitea:acme/rocket#9"];
const PULL_REQUEST: Notification = {
  address: { tracker: "gitea", repo: "acme/rocket", number: 7 },
  project: "acme/rocket",
  item: "ET-001",
  effect: { id: "ET-001-v3-pull-request", kind: "pull-request" },
};
const LOOK: FlowPlan = { ...RUN, evaluation: "entered", run: null };

describe("a flow that is added", () => {
  it.each<[string, FlowPlan, FlowJob]>([
    ["a run", RUN, theirs([], [])],
    ["a blocked run", { ...RUN, run: { unmet: BLOCKERS } }, theirs(BLOCKERS, [])],
    [
      "a run with a pull request before it",
      { ...RUN, pullRequest: PULL_REQUEST },
      theirs([], [pullRequest()]),
    ],
    ["a look", LOOK, gateOf("entered", [])],
    [
      "a look with a pull request before it",
      { ...LOOK, pullRequest: PULL_REQUEST },
      gateOf("entered", [pullRequest()]),
    ],
  ])("is in every field what BullMQ would have added: %s", async (_, plan, flow) => {
    const ours = open();
    expect(await ours.flows.add(plan)).toBe(false);
    const prefix = uniquePrefix();
    const producer = new FlowProducer({ connection: redis, prefix });
    await producer.add(within(flow, prefix));
    await producer.close();
    const [own, other] = await Promise.all([ours.prefix, prefix].map(alike));
    expect(own).toEqual(other);
    expect(Object.keys(own ?? {})).toContain(
      `stages:${jobIds.advance("ET-001", 3, plan.evaluation)}`,
    );
  });

  it("stays as it is when it is added again, also where a part of it has ended", async () => {
    const { prefix, queues, flows } = open();
    await flows.add(RUN);
    const slot = flows.slotJob("ET-001", 3);
    const first = await jobsIn(prefix);
    await flows.add(RUN);
    expect(await jobsIn(prefix)).toEqual(first);
    await flows.promote(slot);
    await endSlot(prefix);
    expect(await queues.get("runs").getJobState(jobIds.run("ET-001", 3))).toBe("waiting");
    await flows.add(RUN);
    expect(await queues.get("runs").getJobCounts("wait", "waiting-children")).toEqual({
      wait: 1,
      "waiting-children": 0,
    });
  });

  it("is released where the board lost all but a job that has ended", async () => {
    const { prefix, queues, flows } = open();
    await flows.add(RUN);
    const slot = flows.slotJob("ET-001", 3);
    await flows.promote(slot);
    await endSlot(prefix);
    await queues.get("runs").obliterate({ force: true });
    await flows.add(RUN);
    expect(await queues.get("runs").getJobState(jobIds.run("ET-001", 3))).toBe("waiting");
  });
});

describe("a flow whose slot was granted before", () => {
  const ready = (item: string, version: number, id: string): ReadyItem => ({
    item,
    version,
    project: "rocket",
    order: 1,
    role: "developer",
    provider: "anthropic",
    job: { queue: "slots", id },
  });

  async function granted(version: number) {
    const opened = open();
    const limits = { projects: { rocket: 9 }, roles: {} };
    const slots = createSlotStore(redis, opened.prefix, limits);
    const { id } = opened.flows.slotJob("ET-001", version);
    await slots.becomeReady(ready("ET-001", version, id), Date.now());
    return { ...opened, slots };
  }

  it("starts with it, and the grant is confirmed", async () => {
    const { queues, flows, slots } = await granted(3);
    expect(await flows.add(RUN)).toBe(true);
    expect(await queues.get("slots").getJobState(jobIds.slot("ET-001", 3))).toBe("waiting");
    expect((await slots.admit(Date.now())).grants).toEqual([]);
    expect(await slots.hold("ET-001", 3, Date.now(), 1_000)).toBe(true);
    expect(await flows.add(RUN)).toBe(false);
    expect(await queues.get("slots").getJobCounts("wait", "delayed")).toEqual({
      wait: 1,
      delayed: 0,
    });
  });

  it("is parked where the grant is another version's", async () => {
    const { queues, flows, slots } = await granted(2);
    expect(await flows.add(RUN)).toBe(false);
    expect(await queues.get("slots").getJobState(jobIds.slot("ET-001", 3))).toBe("delayed");
    expect((await slots.admit(Date.now())).grants).toMatchObject([{ item: "ET-001", version: 2 }]);
  });

  it("leaves the grant to whoever promotes it where its job was there", async () => {
    const opened = open();
    await opened.flows.add(RUN);
    const slots = createSlotStore(redis, opened.prefix, { projects: { rocket: 9 }, roles: {} });
    const { id } = opened.flows.slotJob("ET-001", 3);
    await slots.becomeReady(ready("ET-001", 3, id), Date.now());
    expect(await opened.flows.add(RUN)).toBe(false);
    const { grants } = await slots.admit(Date.now());
    expect(grants).toMatchObject([{ item: "ET-001", version: 3 }]);
  });
});

/** The next job of queue `slots` runs to its end. */
async function endSlot(prefix: string): Promise<void> {
  const worker = new Worker("slots", async () => "holds a slot", { connection: redis, prefix });
  await once(worker, "completed");
  await worker.close();
}

/** Jobs and what is known of their parents, without what comes of each call. */
async function jobsIn(prefix: string) {
  const stored = await alike(prefix);
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !/:(events|id)$/.test(key)));
}

/**
 * What the queues hold, without their settings. BullMQ writes a job's id and parent among its options too, and
 * doesn't read them there; how often it is tried the catalog says.
 */
async function alike(prefix: string): Promise<Record<string, unknown>> {
  const stored = Object.entries(await storedUnder(redis, `${prefix}:`));
  const jobs = stored
    .filter(([key]) => !key.endsWith(":meta"))
    .map(([key, value]) => [key, lean(value)]);
  return JSON.parse(JSON.stringify(Object.fromEntries(jobs)).replaceAll(prefix, "prefix"));
}

function lean(stored: unknown): unknown {
  if (typeof stored !== "object" || stored === null || !("opts" in stored)) return stored;
  const { jobId, parent, attempts, ...options } = JSON.parse(String(stored.opts)) as Record<
    string,
    unknown
  >;
  return { ...stored, opts: options };
}

type Children = NonNullable<FlowJob["children"]>;

function theirs(edges: readonly string[], first: Children): FlowJob {
  const own = { v: 1, item: "ET-001", version: 3 };
  return gateOf(AFTER_RUN, [
    {
      name: "ET-001 run",
      queueName: "runs",
      data: own,
      opts: { jobId: jobIds.run("ET-001", 3) },
      children: [
        ...edges.map((blocker) => ({
          name: `after ${blocker.slice("gitea:".length)}`,
          queueName: "dependencies",
          data: { ...own, blocker },
          opts: { jobId: jobIds.edge("ET-001", 3, blocker, 0), delay: PARKED_MS },
        })),
        ...first,
        {
          name: "ET-001 waits for a slot",
          queueName: "slots",
          data: own,
          opts: { jobId: jobIds.slot("ET-001", 3), delay: PARKED_MS },
        },
      ],
    },
  ]);
}

function pullRequest() {
  return {
    name: "ET-001 pull-request",
    queueName: "notifications",
    data: { v: 1, ...PULL_REQUEST },
    opts: { jobId: "n-ET-001-v3-pull-request" },
  };
}

function gateOf(evaluation: string, children: Children): FlowJob {
  const own = { v: 1, item: "ET-001", version: 3, evaluation };
  return {
    name: "ET-001 advance",
    queueName: "stages",
    data: own,
    opts: { jobId: jobIds.advance("ET-001", 3, evaluation) },
    children: [
      {
        name: "ET-001 gate",
        queueName: "gates",
        data: { ...own, trigger: "run" },
        opts: { jobId: jobIds.gate("ET-001", 3, evaluation) },
        ...(children.length > 0 ? { children } : {}),
      },
    ],
  };
}

function within(job: FlowJob, prefix: string): FlowJob {
  const children = job.children?.map((child) => within(child as FlowJob, prefix));
  return { ...job, prefix, ...(children === undefined ? {} : { children }) };
}
