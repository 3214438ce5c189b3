import type { Job } from "bullmq";
import { describe, expect, it } from "vitest";
import { giteaIssueKey } from "../../src/domain/issue.js";
import type { QueueName } from "../../src/queue/catalog.js";
import { untilStopped } from "../support/agents.js";
import { APPROVER, BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

/** Jobs of a flow by what they are, as their queue and id. */
const JOBS = {
  slot: ["slots", "ET-001-v1-slot"],
  edge: ["dependencies", "ET-001-v1-edge-gitea_acme_rocket_200-g0"],
  gate: ["gates", "ET-001-v1-gate-run"],
  run: ["runs", "ET-001-v1-run"],
  advance: ["stages", "ET-001-v1-advance-run"],
} as const satisfies Record<string, readonly [QueueName, string]>;
type Kind = keyof typeof JOBS;

async function jobOf({ store }: RunningFleet, kind: Kind): Promise<Job> {
  const [queue, id] = JOBS[kind];
  const job = await store.queues.get(queue).getJob(id);
  if (job === undefined) throw new Error(`there is no job ${id}`);
  return job;
}

/** ET-001 (issue 100) waits for issue 200, which nobody carries. */
async function blockedFleet(): Promise<RunningFleet> {
  const fleet = await runFleet();
  fleet.gitea.addIssue({ repo: REPO, number: 200, title: "Issue 200", author: APPROVER });
  fleet.assignedIssue({ number: 100, body: "- Blocked by: #200\n" });
  await fleet.untilItem(100, ({ status }) => status === "waiting");
  await fleet.untilQuiet();
  return fleet;
}

/** ET-001 (issue 100) waits for the only slot, which ET-002 (issue 99) holds and keeps. */
async function queuedFleet(): Promise<RunningFleet> {
  const fleet = await runFleet({
    projects: { [REPO]: { maxConcurrentRuns: 1 } },
    agents: {
      developer: (context, signal) =>
        context.item === "ET-002" ? untilStopped(context, signal) : Promise.resolve(undefined),
    },
    workers: ["stage", "agent", "notifier"],
  });
  // ET-001 gets its id first, but 99 is served first.
  await fleet.store.items.reserve(giteaIssueKey(REPO, 100), "ET");
  fleet.assignedIssue({ number: 99 });
  await fleet.gitea.settled();
  await fleet.start("parser");
  await fleet.untilStarted(1);
  fleet.assignedIssue({ number: 100 });
  await fleet.untilItem(100, ({ status }) => status === "waiting");
  await untilNothingMoves(fleet);
  return fleet;
}

/** Only the agent of ET-002 may be at work. */
async function untilNothingMoves(fleet: RunningFleet): Promise<void> {
  await fleet.untilQuiet({ except: ["ET-002-v1-run"] });
}

describe("a job that is removed on the board", () => {
  const unmet: Kind[] = ["edge", "slot", "run", "gate", "advance"];
  it.each(unmet)("starts no agent of an item that is blocked: its %s", async (kind) => {
    const fleet = await blockedFleet();
    const before = await fleet.untilItem(100, () => true);
    await (await jobOf(fleet, kind)).remove();
    await fleet.untilQuiet();
    expect(fleet.started).toEqual([]);
    const after = await fleet.untilItem(100, () => true);
    expect({ stage: after.stage, status: after.status }).toEqual({
      stage: before.stage,
      status: before.status,
    });
  });

  it("starts no agent of a blocked item when all that hold it back are removed", async () => {
    const fleet = await blockedFleet();
    await (await jobOf(fleet, "slot")).remove();
    await (await jobOf(fleet, "edge")).remove();
    await fleet.untilQuiet();
    expect(fleet.started).toEqual([]);
    await doneAfterBlocker(fleet);
  });

  it.each(["edge", "slot"] as const)("leaves the item its turn: its %s", async (kind) => {
    const fleet = await blockedFleet();
    await (await jobOf(fleet, kind)).remove();
    await fleet.untilQuiet();
    await doneAfterBlocker(fleet);
  });

  it("starts nobody without a slot, and the run goes on when it is its turn", async () => {
    const fleet = await queuedFleet();
    await (await jobOf(fleet, "slot")).remove();
    await untilNothingMoves(fleet);
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-002"]);
    fleet.gitea.unassign(REPO, 99, BOT);
    await fleet.untilItem(100, ({ status }) => status === "done");
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-002", "ET-001"]);
  });
});

describe("a job that is edited by hand", () => {
  const edits = [
    ["slot", { version: 2 }],
    ["slot", { item: "ET-002" }],
    ["edge", { blocker: "gitea:acme/rocket#1" }],
    ["run", { item: "ET-002" }],
    ["gate", { version: 0 }],
    ["advance", { evaluation: "other" }],
  ] as const satisfies readonly (readonly [Kind, object])[];

  it.each(edits)("starts no agent of an item that is blocked: its %s, %o", async (kind, change) => {
    const fleet = await blockedFleet();
    const before = await fleet.untilItem(100, () => true);
    const job = await jobOf(fleet, kind);
    await job.updateData({ ...job.data, ...change });
    if (await job.isDelayed()) await job.promote();
    await fleet.untilQuiet();
    expect(fleet.started).toEqual([]);
    expect(await fleet.untilItem(100, () => true)).toEqual(before);
  });

  it("starts no second agent of another item", async () => {
    const fleet = await queuedFleet();
    await (await jobOf(fleet, "run")).updateData({ v: 1, item: "ET-002", version: 1 });
    await (await jobOf(fleet, "slot")).remove();
    await untilNothingMoves(fleet);
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-002"]);
  });
});

describe("a parked job that is promoted by hand", () => {
  it.each(["edge", "slot"] as const)("is only looked at again: %s", async (kind) => {
    const fleet = await blockedFleet();
    const before = await fleet.untilItem(100, () => true);
    await (await jobOf(fleet, kind)).promote();
    await fleet.untilQuiet();
    expect(fleet.started).toEqual([]);
    expect(await (await jobOf(fleet, kind)).isDelayed()).toBe(true);
    expect(await fleet.untilItem(100, () => true)).toEqual(before);
    await doneAfterBlocker(fleet);
  });

  it("gets no slot before its turn", async () => {
    const fleet = await queuedFleet();
    await (await jobOf(fleet, "slot")).promote();
    await untilNothingMoves(fleet);
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-002"]);
    fleet.gitea.unassign(REPO, 99, BOT);
    await fleet.untilItem(100, ({ status }) => status === "done");
  });
});

/** The blocker is closed: the item's turn has come. */
async function doneAfterBlocker(fleet: RunningFleet): Promise<void> {
  fleet.gitea.close(REPO, 200);
  await fleet.untilItem(100, ({ status }) => status === "done");
  expect(fleet.started).toHaveLength(1);
}
