import { FlowProducer } from "bullmq";
import { describe, expect, it, onTestFinished } from "vitest";
import { stageDeps, workerContext } from "../../src/cli/wiring/fleet.js";
import { startMaintenance } from "../../src/cli/wiring/maintenance.js";
import { createReconciler } from "../../src/cli/wiring/reconciler.js";
import {
  MAINTENANCE_AT_ONCE,
  scheduleMaintenance,
  scheduleRound,
} from "../../src/queue/maintenance.js";
import { createQueueLooks } from "../../src/queue/queue-looks.js";
import { GOOD } from "../support/agents.js";
import { until } from "../support/processes.js";
import { heard, reconcileOnce, recoveredIn, recoveries } from "../support/reconciling.js";
import { APPROVER, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";
import { startTelegramDouble } from "../support/telegram-double.js";

/** ET-001 (issue 1) waits for issue 2, which nobody carries. */
async function blockedFleet(environment: Readonly<Record<string, string>> = {}) {
  const fleet = await runFleet({ environment });
  fleet.gitea.addIssue({ repo: REPO, number: 2, title: "Issue 2", author: APPROVER });
  fleet.assignedIssue({ number: 1, body: "- Blocked by: #2\n" });
  await fleet.untilItem(1, ({ status }) => status === "waiting");
  await heard(fleet);
  return fleet;
}

async function removeFlow({ store }: RunningFleet, id: string, version: number): Promise<void> {
  const root = await store.queues.get("stages").getJob(`${id}-v${version}-advance-run`);
  if (root === undefined) throw new Error("there is no flow");
  await root.remove({ removeChildren: true });
}

describe("jobs and slots that nobody knows any more", () => {
  it("builds the flow of a waiting item anew, which goes on when its blocker is closed", async () => {
    const fleet = await blockedFleet();
    await removeFlow(fleet, "ET-001", 1);
    await reconcileOnce(fleet);
    expect(await fleet.untilItem(1, () => true)).toMatchObject({ version: 2, status: "waiting" });
    expect(await recoveredIn(fleet)).toEqual({ flow: 1 });
    expect(await recoveries(fleet, "ET-001")).toMatchObject([
      { reason: "The jobs of its run were lost." },
    ]);
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({ flow: 1 });
    expect(fleet.started).toEqual([]);
    fleet.gitea.close(REPO, 2);
    await fleet.untilItem(1, ({ status }) => status === "done");
  });

  it("builds the flow anew where only the jobs below it are gone from the store", async () => {
    const fleet = await blockedFleet();
    const { redis, queues } = fleet.store;
    await redis.del(`${queues.prefix}:slots:ET-001-v1-slot`);
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({ flow: 1 });
    fleet.gitea.close(REPO, 2);
    await fleet.untilItem(1, ({ status }) => status === "done");
  });

  it("lets the gate look at what a run left when its jobs are gone", async () => {
    const fleet = await runFleet();
    const gates = fleet.store.queues.get("gates");
    await gates.pause();
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, ({ run }) => run?.ending === "succeeded");
    const deadline = Date.now() + 20_000;
    while ((await gates.getJobState("ET-001-v1-gate-run")) !== "waiting") {
      if (Date.now() > deadline) throw new Error("the gate's job never waits");
    }
    await removeFlow(fleet, "ET-001", 1);
    await gates.resume();
    await reconcileOnce(fleet);
    await fleet.untilItem(1, ({ status }) => status === "done");
    expect(await recoveredIn(fleet)).toEqual({ flow: 1 });
    expect(fleet.started).toHaveLength(1);
  });

  it("merges by a new job where the one that was to is gone", async () => {
    const fleet = await runFleet({ file: { onDone: { merge: true, closeIssue: false } } });
    const looks = createQueueLooks(fleet.store.queues);
    const notifications = fleet.store.queues.get("notifications");
    await notifications.pause();
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, ({ stage }) => stage === "done");
    await until("the merge is queued", () => looks.hasMerge("ET-001"));
    for (const job of await notifications.getJobs(["wait"])) {
      if (job.data.effect.kind === "merge") await job.remove();
    }
    expect(await looks.hasMerge("ET-001")).toBe(false);
    await notifications.resume();
    await reconcileOnce(fleet);
    await fleet.untilItem(1, ({ status }) => status === "done");
    expect(await recoveredIn(fleet)).toEqual({ flow: 1 });
    expect(await recoveries(fleet, "ET-001")).toMatchObject([
      { reason: "The job of its merge was lost." },
    ]);
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([{ merged: true }]);
  });

  it("gives an item that is lost among the ready its turn back", async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const fleet = await runFleet({
      projects: { [REPO]: { maxConcurrentRuns: 1 } },
      agents: {
        developer: async (context, signal) => {
          if (context.item === "ET-001") await held;
          return GOOD.developer(context, signal);
        },
      },
    });
    fleet.assignedIssue({ number: 1 });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 2 });
    await fleet.untilItem(2, ({ status }) => status === "waiting");
    await fleet.gitea.settled();
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    await fleet.store.slots.release("ET-002", 1);
    await createReconciler(fleet.parts).once();
    expect(await recoveredIn(fleet)).toEqual({ ready: 1 });
    await createReconciler(fleet.parts).once();
    expect(await recoveredIn(fleet)).toEqual({ ready: 1 });
    letGo();
    await fleet.untilItem(2, ({ status }) => status === "done");
  });

  it("frees a slot that nobody holds", async () => {
    const fleet = await runFleet({ workers: [] });
    const { slots, flows } = fleet.store;
    const job = flows.slotJob("ET-777", 1);
    const ready = { item: "ET-777", version: 1, project: "rocket", order: 1, job } as const;
    await slots.ready({ ...ready, role: "developer", provider: "scripted" }, Date.now());
    await slots.admit(Date.now());
    expect(await slots.holders()).toMatchObject([{ item: "ET-777" }]);
    await createReconciler(fleet.parts).once();
    expect(await slots.holders()).toEqual([]);
    expect(await recoveredIn(fleet)).toEqual({ slot: 1 });
  });
});

describe("failed jobs nobody was told of", () => {
  it("are told of once on their item, with what to do", async () => {
    const fleet = await blockedFleet();
    const unreadable = { v: 1, item: "ET-001", version: 1, evaluation: "run" };
    const queue = fleet.store.queues.get("gates");
    await queue.add("ET-001 gate", unreadable, { jobId: "ET-001-broken", attempts: 1 });
    await untilFailed(fleet, "gates", "ET-001-broken");
    await reconcileOnce(fleet);
    const item = await fleet.untilItem(1, () => true);
    expect(item).toMatchObject({ status: "failed" });
    expect(item.reason).toContain("ET-001-broken");
    const told = fleet.said(1).filter((text) => text.includes("ET-001-broken"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("/retry");
    await reconcileOnce(fleet);
    expect(fleet.said(1).filter((text) => text.includes("ET-001-broken"))).toHaveLength(1);
    expect(await recoveredIn(fleet)).toEqual({ "failed-job": 1 });
  });

  it("are removed, with what waits for them, where their item has moved on meanwhile", async () => {
    const fleet = await blockedFleet();
    await removeFlow(fleet, "ET-001", 1);
    await reconcileOnce(fleet);
    await fleet.untilItem(1, ({ version }) => version === 2);
    const { queues, redis } = fleet.store;
    const producer = new FlowProducer({ connection: redis, prefix: queues.prefix });
    onTestFinished(() => producer.close());
    const unreadable = { v: 1, item: "ET-001", version: 1, evaluation: "run" };
    const [gate, advance] = ["ET-001-v1-gate-run", "ET-001-v1-advance-run"] as const;
    await producer.add({
      name: "ET-001 advance",
      queueName: "stages",
      prefix: queues.prefix,
      data: unreadable,
      opts: { jobId: advance },
      children: [
        {
          name: "ET-001 gate",
          queueName: "gates",
          prefix: queues.prefix,
          data: unreadable,
          opts: { jobId: gate, attempts: 1 },
        },
      ],
    });
    await untilFailed(fleet, "gates", gate);
    await reconcileOnce(fleet);
    expect(await queues.get("gates").getJobState(gate)).toBe("unknown");
    expect(await queues.get("stages").getJobState(advance)).toBe("unknown");
    expect(await fleet.untilItem(1, () => true)).toMatchObject({ version: 2, status: "waiting" });
    expect(fleet.said(1).filter((text) => text.includes(gate))).toEqual([]);
  });

  it("are told of to the fleet's people where there is no item, or no comment can be written", async () => {
    const telegram = await startTelegramDouble();
    const fleet = await runFleet({ environment: telegram.environment });
    fleet.gitea.failNext(1, 403, {}, /POST .*\/issues\/1\/comments/);
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, ({ status }) => status === "done");
    await heard(fleet);
    const queue = fleet.store.queues.get("deliveries");
    await queue.add("broken", { v: 1 }, { jobId: "d-broken", attempts: 1 });
    await untilFailed(fleet, "deliveries", "d-broken");
    await reconcileOnce(fleet);
    expect(telegram.messages.filter((text) => text.includes("d-broken"))).toHaveLength(1);
    await reconcileOnce(fleet);
    expect(telegram.messages.filter((text) => text.includes("d-broken"))).toHaveLength(1);
  });
});

async function untilFailed({ store }: RunningFleet, queue: "gates" | "deliveries", id: string) {
  const deadline = Date.now() + 20_000;
  while ((await store.queues.get(queue).getJobState(id)) !== "failed") {
    if (Date.now() > deadline) throw new Error(`${id} never fails`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a webhook that isn't in order", () => {
  const amiss = [
    { how: "is not active", hook: { active: false }, said: "is not active" },
    { how: "leads elsewhere", hook: { url: "https://x.example/other" }, said: "has no webhook to" },
    { how: "sends too little", hook: { events: ["push"] }, said: "doesn't send: issues" },
  ];
  it.each(amiss)("is told of once when it $how, and again after it was mended", async (row) => {
    const telegram = await startTelegramDouble();
    const fleet = await runFleet({ environment: telegram.environment });
    const told = () => telegram.messages.filter((text) => text.includes(row.said)).length;
    fleet.gitea.showHook(row.hook);
    await reconcileOnce(fleet);
    await reconcileOnce(fleet);
    expect(told()).toBe(1);
    expect(await recoveredIn(fleet)).toEqual({ hook: 1 });
    fleet.gitea.showHook({});
    await reconcileOnce(fleet);
    fleet.gitea.showHook(row.hook);
    await reconcileOnce(fleet);
    expect(told()).toBe(2);
  });

  it("is no trouble where the token may not see it, or where it is in order", async () => {
    const fleet = await runFleet();
    for (const hook of [null, {}]) {
      fleet.gitea.showHook(hook);
      expect(await reconcileOnce(fleet)).toEqual({ failed: 0, retryAfterMs: null });
    }
    expect(await recoveredIn(fleet)).toEqual({});
  });
});

describe("rounds", () => {
  it("begin when a stage worker starts", async () => {
    const fleet = await runFleet();
    fleet.gitea.setHook(null);
    fleet.gitea.showHook(null);
    fleet.assignedIssue({ number: 1 });
    await scheduleMaintenance(fleet.store.queues);
    await fleet.untilItem(1, ({ status }) => status === "done");
    expect(await recoveredIn(fleet)).toEqual({ "issue-started": 1 });
  });

  it("are one at a time in the whole fleet, and keep nobody from a slot", async () => {
    const fleet = await runFleet({ workers: [] });
    const queue = fleet.store.queues.get("maintenance");
    let rounds = 0;
    let end = () => {};
    const reconcile = {
      once: async () => {
        rounds += 1;
        await new Promise<void>((resolve) => {
          end = resolve;
        });
        return { failed: 0, retryAfterMs: null };
      },
      next: () => scheduleRound(fleet.store.queues),
    };
    await queue.setGlobalConcurrency(MAINTENANCE_AT_ONCE);
    const start = () =>
      startMaintenance(workerContext(fleet.parts), stageDeps(fleet.parts), { reconcile });
    const workers = [start(), start()];
    for (let i = 0; i < 5; i++) await scheduleRound(fleet.store.queues, 0);
    await expect.poll(() => rounds, { timeout: 20_000 }).toBe(1);
    for (let i = 0; i < 5; i++) await scheduleRound(fleet.store.queues, 0);
    await fleet.store.flows.wakeAt(Date.now());
    await expect.poll(() => queue.getDelayedCount(), { timeout: 20_000 }).toBe(0);
    await expect.poll(() => queue.getWaitingCount(), { timeout: 20_000 }).toBe(0);
    expect(await queue.getActiveCount()).toBe(1);
    expect(rounds).toBe(1);
    end();
    await expect.poll(() => queue.getJob("reconcile"), { timeout: 20_000 }).toBeUndefined();
    await Promise.all(workers.map((worker) => worker.drain()));
  });
});
