import { Worker } from "bullmq";
import { describe, expect, it, vi } from "vitest";
import { coreOf } from "../../src/cli/wiring/core.js";
import { type Cleared, clearAwayOf } from "../../src/cli/wiring/retention.js";
import { jobIds } from "../../src/domain/ids.js";
import { giteaIssueKey } from "../../src/domain/issue.js";
import { DATA_VERSION } from "../../src/queue/catalog.js";
import { createRunLogs } from "../../src/redis/run-log.js";
import { failing } from "../support/agents.js";
import { sampleEntry, sampleRun } from "../support/memory-work-items.js";
import { createdItem } from "../support/new-item.js";
import { readEverything } from "../support/redis-dump.js";
import { BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const DAY_MS = 86_400_000;
/** What a test waits for at most, in ms; a bound on failure, not an expectation. */
const PATIENCE = { timeout: 30_000, interval: 10 };
const ISSUE = giteaIssueKey(REPO, 1);
const DEPENDENT = giteaIssueKey(REPO, 2);

/** Everything that maintenance would do `days` from now. */
async function clearedAfter(fleet: RunningFleet, days: number): Promise<Cleared> {
  const clearAway = clearAwayOf(fleet.parts, () => Date.now() + days * DAY_MS);
  return clearAway();
}

async function doneFleet(): Promise<RunningFleet> {
  const fleet = await runFleet();
  fleet.assignedIssue({ number: 1 });
  await fleet.untilItem(1, ({ status }) => status === "done");
  await fleet.gitea.settled();
  await fleet.untilQuiet();
  return fleet;
}

/** Where the store says something with this text in it, but for queues and what expires by itself. */
async function kept(fleet: RunningFleet, text: string): Promise<string[]> {
  const { redis, prefix } = fleet.store;
  const lines = (await readEverything(redis)).split("\n");
  return lines
    .filter((line) => line.startsWith(`${prefix}:`))
    .map((line) => line.slice(prefix.length + 1))
    .filter((line) => !/^(queue|body|deliver|fingerprint|ended)/.test(line) && line.includes(text))
    .map((line) => line.split(" ")[0] ?? "")
    .sort();
}

describe("an item that ended longer ago than items are kept", () => {
  it("is removed whole, with its history, runs, logs and indexes, and not a day before", async () => {
    const fleet = await doneFleet();
    const item = await fleet.store.items.find("ET-001");
    const [run] = await fleet.store.items.runs("ET-001");
    if (item?.head == null || run === undefined) throw new Error("the item has no commit or run");
    const log = createRunLogs(fleet.store.redis, fleet.store.prefix, fleet.parts.log).open(run.id);
    log.write("what it printed");
    await log.close();
    expect((await clearedAfter(fleet, 89)).items).toBe(0);
    expect(await fleet.store.items.find("ET-001")).toEqual(item);
    expect((await clearedAfter(fleet, 91)).items).toBe(1);
    expect(await fleet.store.items.find("ET-001")).toBeNull();
    expect(await fleet.store.items.ofBranch(item.project, item.branch)).toBeNull();
    expect(await fleet.store.items.ofCommit(item.head)).toBeNull();
    expect(await fleet.store.items.list({ limit: 10, cursor: null })).toEqual({
      items: [],
      next: null,
    });
    expect(await kept(fleet, "ET-001")).toEqual([]);
    expect((await clearedAfter(fleet, 91)).items).toBe(0);
  });

  it("stays known as met to who names it as a blocker afterwards", async () => {
    const fleet = await doneFleet();
    await clearedAfter(fleet, 91);
    fleet.assignedIssue({ number: 2, body: "- Blocked by: #1\n" });
    expect(await fleet.untilItem(2, ({ status }) => status === "done")).toMatchObject({
      id: "ET-002",
    });
  });

  it("that was cancelled as its issue was closed holds nobody up who names it afterwards", async () => {
    const fleet = await runFleet({ agents: { developer: async () => failing("no") } });
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, ({ status }) => status === "failed");
    fleet.gitea.close(REPO, 1);
    await fleet.untilItem(1, ({ status }) => status === "cancelled");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect((await clearedAfter(fleet, 91)).items).toBe(1);
    fleet.assignedIssue({ number: 2, body: "- Blocked by: #1\n" });
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await fleet.store.graph.unmet(DEPENDENT)).toEqual([]);
    await fleet.untilItem(2, ({ status }) => status !== "waiting");
  });

  it("leaves nothing behind when its issue is edited afterwards", async () => {
    const fleet = await doneFleet();
    await clearedAfter(fleet, 91);
    fleet.gitea.edit(REPO, 1, { title: "Another title", body: "- Blocked by: #7\n- Blocks: #8\n" });
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await fleet.store.redis.exists(`${fleet.store.prefix}:item:ET-001`)).toBe(0);
    expect(await fleet.store.graph.blockers(giteaIssueKey(REPO, 8))).toEqual([]);
  });

  it("isn't started again by another assignment, but by its issue's reopening", async () => {
    const fleet = await doneFleet();
    await clearedAfter(fleet, 91);
    fleet.gitea.edit(REPO, 1, { title: "Another title" });
    fleet.gitea.assign(REPO, 1, BOT);
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect((await fleet.store.items.list({ limit: 10, cursor: null })).items).toEqual([]);
    fleet.gitea.close(REPO, 1);
    fleet.gitea.reopen(REPO, 1);
    const again = await fleet.untilItem("ET-002", ({ status }) => status === "done");
    expect(again.issue).toMatchObject({ number: 1 });
  });

  it("stays while an item waits for it, and goes with that one", async () => {
    const fleet = await runFleet({ agents: { developer: async () => failing("no") } });
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, ({ status }) => status === "failed");
    fleet.assignedIssue({ number: 2, body: "- Blocked by: #1\n" });
    await fleet.untilItem(2, ({ status }) => status === "waiting");
    fleet.gitea.close(REPO, 1);
    await fleet.untilItem(1, ({ status }) => status === "cancelled");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect((await clearedAfter(fleet, 91)).items).toBe(0);
    expect(await fleet.store.graph.unmet(DEPENDENT)).toEqual([ISSUE]);
    fleet.gitea.close(REPO, 2);
    await fleet.untilItem(2, ({ status }) => status === "cancelled");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect((await clearedAfter(fleet, 91)).items).toBeGreaterThanOrEqual(2);
    expect(await kept(fleet, "ET-00")).toEqual([]);
    expect(await kept(fleet, `${REPO}#`)).toEqual([`issue:${ISSUE}`, `issue:${DEPENDENT}`]);
  });

  it("stays while it owes effects", async () => {
    const fleet = await runFleet({ workers: [] });
    const { items } = fleet.store;
    const id = await createdItem(coreOf(fleet.parts.config, fleet.store, fleet.parts.log), 1);
    await items.transition(id, (item) => ({
      item: { ...item, status: "cancelled" },
      history: [],
      effects: [],
    }));
    expect((await clearedAfter(fleet, 91)).items).toBe(0);
    for (const effect of await items.owed(id)) await items.strikeOff(id, effect);
    expect((await clearedAfter(fleet, 91)).items).toBe(1);
  });

  it("takes its failed jobs along, and leaves those of others", async () => {
    const fleet = await runFleet({ workers: [] });
    const { queues, redis } = fleet.store;
    const kept = await createdItem(coreOf(fleet.parts.config, fleet.store, fleet.parts.log), 1);
    await endedJobs(fleet, "failed", ["ET-009", kept]);
    expect((await clearedAfter(fleet, 89)).jobs).toBe(0);
    expect((await clearedAfter(fleet, 91)).jobs).toBe(1);
    const left = await queues.get("slots").getJobs(["failed"]);
    expect(left.map((job) => job.data.item)).toEqual([kept]);
    expect(await redis.keys(`${queues.prefix}:slots:ET-009*`)).toEqual([]);
  });
});

describe("completed jobs", () => {
  const MORE_THAN_A_SCRIPT_REMOVES = 1_200;

  it("go when they have passed their age, however many, and failed ones stay", async () => {
    const fleet = await runFleet({ workers: [] });
    const { queues, redis } = fleet.store;
    const slots = queues.get("slots");
    const item = await createdItem(coreOf(fleet.parts.config, fleet.store, fleet.parts.log), 1);
    const items = Array.from({ length: MORE_THAN_A_SCRIPT_REMOVES }, (_, at) => `ET-${1_000 + at}`);
    await endedJobs(fleet, "failed", [item]);
    await endedJobs(fleet, "completed", items);
    const events = await redis.xlen(slots.toKey("events"));
    expect(await clearedAfter(fleet, 6)).toEqual({ items: 0, jobs: 0 });
    expect(await redis.xlen(slots.toKey("events"))).toBe(events);
    expect(await clearedAfter(fleet, 8)).toEqual({ items: 0, jobs: items.length });
    expect(await slots.getJobCounts()).toMatchObject({ completed: 0, failed: 1 });
    expect(await redis.keys(`${queues.prefix}:slots:ET-1*`)).toEqual([]);
  });

  it("of an item at work go, and its flow goes on", async () => {
    const fleet = await runFleet({ workers: ["parser", "stage", "notifier"] });
    const { queues } = fleet.store;
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, () => true);
    const slots = queues.get("slots");
    await vi.waitFor(async () => expect(await slots.getCompletedCount()).toBe(1), PATIENCE);
    expect((await clearedAfter(fleet, 8)).jobs).toBeGreaterThan(0);
    expect(await slots.getCompletedCount()).toBe(0);
    await fleet.start("agent");
    await fleet.untilItem(1, ({ status }) => status === "done");
  });
});

describe("a very long life", () => {
  it("keeps its latest 2,000 history entries and 500 runs", async () => {
    const fleet = await runFleet({ workers: [] });
    const { items } = fleet.store;
    const id = await createdItem(coreOf(fleet.parts.config, fleet.store, fleet.parts.log), 1);
    const change = async (number: number, entries: number) => {
      const startedAt = new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString();
      const run = sampleRun(id, { id: `${id}-v1-a${number}`, attempt: number, startedAt });
      const history = Array.from({ length: entries }, (_, index) =>
        sampleEntry({ reason: `${number}-${index}` }),
      );
      await items.transition(id, (item) => ({ item: { ...item, run }, history, effects: [] }));
    };
    for (let number = 1; number <= 600; number += 1) await change(number, 4);
    const history = await items.history(id);
    expect(history).toHaveLength(2_000);
    expect(history.at(-1)?.reason).toBe("600-3");
    const attempts = (await items.runs(id)).map(({ attempt }) => attempt);
    expect(attempts.length).toBeGreaterThanOrEqual(500);
    expect(attempts.length).toBeLessThan(550);
    expect(attempts).toEqual(attempts.map((_, index) => 601 - attempts.length + index));
  });
});

/** A job of each item in queue `slots` that has ended so, for good. */
async function endedJobs(
  fleet: RunningFleet,
  end: "completed" | "failed",
  items: readonly string[],
): Promise<void> {
  const { queues, redis } = fleet.store;
  const slots = queues.get("slots");
  const ended = await slots.getJobCountByTypes(end);
  const work = async () => {
    if (end === "failed") throw new Error("no");
  };
  const worker = new Worker("slots", work, { connection: redis, prefix: queues.prefix });
  try {
    await slots.addBulk(
      items.map((item) => ({
        name: item,
        data: { v: DATA_VERSION, item, version: 1 },
        opts: { jobId: jobIds.slot(item, 1), attempts: 1 },
      })),
    );
    await vi.waitFor(
      async () => expect(await slots.getJobCountByTypes(end)).toBe(ended + items.length),
      PATIENCE,
    );
  } finally {
    await worker.close();
  }
}
