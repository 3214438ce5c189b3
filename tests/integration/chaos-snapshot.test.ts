import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "bullmq";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { endingsHeard } from "../../chaos/endings-heard.js";
import { mergesIn } from "../../chaos/merges-in.js";
import { commitsIn, fencesIn, rememberPushes } from "../../chaos/pushes-in.js";
import { recoveredIn } from "../../chaos/recovered.js";
import { endRuns, strangers } from "../../chaos/strangers.js";
import { unfinishedJobs } from "../../chaos/unfinished-jobs.js";
import { whatIsHeld } from "../../chaos/what-is-held.js";
import { recoveryCount } from "../../src/domain/counts.js";
import type { DomainEvent } from "../../src/domain/events.js";
import { planeIssueKey } from "../../src/domain/issue.js";
import type { Recovery } from "../../src/domain/recovery.js";
import type { ReadyItem } from "../../src/engine/slots.js";
import { deliveryJobId } from "../../src/queue/producers.js";
import { createQueues } from "../../src/queue/queues.js";
import { createCounting } from "../../src/redis/counter-store.js";
import { budgetKeys, queuePrefix, slotKeys } from "../../src/redis/keys.js";
import { createLockStore } from "../../src/redis/lock-store.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { createRemote } from "../support/git-remote.js";
import { until } from "../support/processes.js";
import { PLANE_PROJECT, rocketFleet } from "../support/rocket-fleet.js";
import { openTestRedis } from "../support/work.js";
import { BRANCH, put, workspaceWorld } from "../support/workspace-world.js";

let server: Awaited<ReturnType<typeof openTestRedis>>;
beforeEach(async () => {
  server = await openTestRedis();
});
afterEach(() => server.close());

const NOW = Date.now();

function readyItem(order: number): ReadyItem {
  const item = `QK-${order}`;
  const job = { queue: "slots", id: `${item}-v1-slot` } as const;
  return { item, version: 1, project: "quick", order, role: "developer", provider: "none", job };
}

/** Room for one. */
function slotStore() {
  const limits = { projects: { quick: 1 }, roles: {} };
  return createSlotStore(server.redis, server.prefix, limits);
}

const held = () => whatIsHeld(server.redis, server.prefix, NOW);

describe("what chaos' auditor sees in Redis", () => {
  it("is nothing where nothing was taken, and where all was given back", async () => {
    const slots = slotStore();
    const giveBack = await createLockStore(server.redis, server.prefix).take("merge", 60_000);
    for (const order of [1, 2]) await slots.becomeReady(readyItem(order), NOW);
    await slots.expect("quick", 3, NOW + 60_000);
    await giveBack?.();
    for (const order of [2, 1]) await slots.release(`QK-${order}`, 1);
    await slots.arrived("quick", 3);
    expect(await held()).toEqual([]);
  });

  it("is a lock", async () => {
    await createLockStore(server.redis, server.prefix).take("merge", 60_000);
    expect(await held()).toEqual([`the lock ${server.prefix}:lock:merge`]);
  });

  it("is a slot with its lease, its grant and what it counts for", async () => {
    await slotStore().becomeReady(readyItem(1), NOW);
    expect(await held()).toEqual([
      "the lease QK-1",
      expect.stringMatching(/^the slot of QK-1: \{/),
      expect.stringMatching(/^the grant of QK-1: \{/),
      "the slot that QK-1 counts for in project:quick",
      "the slot that QK-1 counts for in role:developer",
    ]);
  });

  it("is a slot that is counted for nobody", async () => {
    await server.redis.sadd(`${server.prefix}:slots:project:quick`, "QK-1");
    expect(await held()).toEqual(["the slot that QK-1 counts for in project:quick"]);
  });

  it("is a place among the ready, also one that nobody described", async () => {
    const slots = slotStore();
    for (const order of [1, 2]) await slots.becomeReady(readyItem(order), NOW);
    await slots.release("QK-1", 1);
    const place = "the place of QK-2 in the ready class quick developer none";
    expect(await held()).toEqual([
      expect.stringMatching(/^the place among the ready of QK-2: \{/),
      place,
    ]);
    await server.redis.del(slotKeys(server.prefix).what);
    expect(await held()).toEqual([place]);
  });

  it("is a number that is expected, until its time is over", async () => {
    await slotStore().expect("quick", 7, NOW + 1);
    await slotStore().expect("quick", 6, NOW - 1);
    expect(await held()).toEqual(["the number 7 that is expected in quick"]);
  });

  it("is a budget that a run reserved", async () => {
    const { open } = budgetKeys(server.prefix);
    await server.redis.hset(open, "QK-1-v1-a1", "{}");
    expect(await held()).toEqual(["the budget of QK-1-v1-a1: {}"]);
  });

  it("is what the reconciler counted as mended, by kind", async () => {
    const count = createCounting(server.redis, server.prefix);
    for (const kind of ["flow", "comment", "flow"] as const) await count(recoveryCount(kind));
    await count({ name: "cost_usd", labels: { project: "quick" } });
    expect(await recoveredIn(server.redis, server.prefix)).toEqual({ flow: 2, comment: 1 });
  });

  it("is each end of an issue that was taken in, also one that the reconciler found, and nothing else", async () => {
    const prefix = queuePrefix(server.prefix);
    const queues = createQueues(server.redis, prefix);
    const worker = new Worker("deliveries", null, { connection: server.redis, prefix });
    onTestFinished(async () => {
      await worker.close();
      await queues.close();
    });
    const tell = async (event: DomainEvent, followed: string | null, recovery?: Recovery) => {
      const fingerprint = randomUUID();
      const told = { delivery: fingerprint, fingerprint, event, receivedAt: "", recovery };
      await queues.add("deliveries", "told", deliveryJobId(fingerprint), told);
      const job = await worker.getNextJob("a-token");
      if (followed !== null) await job?.moveToCompleted(followed, "a-token", false);
      else await job?.moveToFailed(new Error("no"), "a-token", false);
    };
    const closed: DomainEvent = {
      kind: "issue",
      project: "rocket",
      tracker: "gitea",
      action: "closed",
      number: 7,
      planeId: null,
      title: "Add search",
      url: null,
      assigned: true,
      open: false,
      updatedAt: "2026-03-01T09:00:00Z",
    };
    const found: Recovery = { kind: "issue-ended", reason: "It was not delivered." };
    await tell(closed, "ET-007 is cancelled");
    await tell({ ...closed, action: "opened", open: true }, "ET-007 is started");
    await tell({ ...closed, number: 8, action: "unassigned" }, null);
    const inPlane = { ...closed, tracker: "plane", planeId: "0b0b" } as const;
    await tell(inPlane, "ET-009 is cancelled", found);
    const heard = await endingsHeard(queues, rocketFleet());
    expect(heard.map(({ issue, followed }) => [issue, followed]).sort()).toEqual([
      ["gitea:acme/rocket#7", "ET-007 is cancelled"],
      [planeIssueKey(PLANE_PROJECT, "0b0b"), "ET-009 is cancelled"],
    ]);
    for (const { takenAt, heardAt } of heard) {
      expect(takenAt).toBeGreaterThanOrEqual(NOW);
      expect(heardAt).toBeGreaterThanOrEqual(takenAt);
    }
  });

  it("is a job that failed and one that nobody takes", async () => {
    const prefix = queuePrefix(server.prefix);
    const queues = createQueues(server.redis, prefix);
    const worker = new Worker("notifications", null, { connection: server.redis, prefix });
    onTestFinished(async () => {
      await worker.close();
      await queues.close();
    });
    const queue = queues.get("notifications");
    for (const jobId of ["first", "second"]) await queue.add("told", {}, { jobId });
    const job = await worker.getNextJob("a-token");
    await job?.moveToFailed(new Error("no disk"), "a-token", false);
    expect(await unfinishedJobs(queues)).toEqual([
      { queue: "notifications", id: "second", state: "waiting", reason: "" },
      { queue: "notifications", id: "first", state: "failed", reason: "no disk" },
    ]);
  });
});

describe("what chaos' auditor sees of repositories", () => {
  it("is what was merged into main, each time, and at which commit", async () => {
    const remote = await createRemote();
    onTestFinished(() => remote.remove());
    const first = await remote.commit("feature/a", { "a.txt": "a" });
    const second = await remote.commit("feature/b", { "b.txt": "b" });
    await remote.merge("feature/a", "feature/b");
    for (const branch of ["feature/a", "feature/a"]) await remote.merge(branch, "main");
    const later = await remote.commit("feature/a", { "a.txt": "c" });
    for (const branch of ["feature/a", "feature/b"]) await remote.merge(branch, "main");
    const merged = await remote.ref("refs/heads/feature/b");
    expect(merged).not.toBe(second);
    expect(await mergesIn(remote)).toEqual([
      { branch: "feature/a", commit: first },
      { branch: "feature/a", commit: later },
      { branch: "feature/b", commit: merged },
    ]);
  });
});

describe("what chaos' auditor sees of pushes", () => {
  it("is nothing before the first one", async () => {
    const { remote } = await workspaceWorld();
    await rememberPushes(remote);
    expect(await fencesIn(remote)).toEqual({});
  });

  it("is who took an item's fence and who pushed, and whose work is on its branch", async () => {
    const { open, remote } = await workspaceWorld();
    await rememberPushes(remote);
    const [first, second] = ["ET-001-v1-a1", "ET-001-v1-a2"] as const;
    const frozen = await open({ token: first });
    await put(frozen, { "src/a.txt": "frozen\n" });
    const successor = await open({ token: second });
    await put(successor, { "src/a.txt": "done\n" });
    const message = (run: string) => `ET-001: developer, run ${run}`;
    await expect(frozen.push(message(first))).rejects.toMatchObject({ code: "superseded" });
    const { commit } = await successor.push(message(second));
    expect(await fencesIn(remote)).toEqual({
      "ET-001": [
        { run: first, event: "taken" },
        { run: second, event: "taken" },
        { run: second, event: "pushed" },
      ],
    });
    expect(await commitsIn(remote)).toMatchObject({
      [BRANCH]: [{ run: null }, { commit: successor.head, run: null }, { commit, run: second }],
      main: [{ run: null }],
    });
  });

  it("is a push that the fence didn't hold back, and a branch that was set back", async () => {
    const { open, remote } = await workspaceWorld();
    await rememberPushes(remote);
    const { head, push } = await open({ token: "ET-001-v1-a1" });
    const late = await remote.commit(
      BRANCH,
      { "b.txt": "b" },
      "ET-001: developer, run ET-001-v0-a1",
    );
    const branch = async () => (await commitsIn(remote))[BRANCH]?.at(-1);
    expect(await branch()).toEqual({ commit: late, run: "ET-001-v0-a1" });
    await expect(push("nothing")).rejects.toMatchObject({ code: "superseded" });
    await remote.git("update-ref", `refs/heads/${BRANCH}`, head);
    expect(await branch()).toEqual({ commit: head, run: null });
  });

  it("is the merge of a blocker, without what the blocker's runs did", async () => {
    const { open, remote } = await workspaceWorld();
    await rememberPushes(remote);
    const blocker = "feature/ET-002-blocker";
    const work = "ET-002: developer, run ET-002-v1-a1";
    await remote.commit(blocker, { "b.txt": "b" }, work);
    await open({ token: "ET-001-v1-a1", blockers: [blocker] });
    const commits = await commitsIn(remote);
    expect(commits[blocker]?.map(({ run }) => run)).toEqual([null, "ET-002-v1-a1"]);
    expect(commits[BRANCH]?.map(({ run }) => run)).toEqual([null, null, null]);
  });
});

describe("what chaos' auditor sees of processes", () => {
  it("is who is of the round's folder by environment or command line, and isn't of the fleet", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-eyes-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const byEnvironment = await start([], { DATA_DIR: join(folder, "agent-1") });
    const byCommand = await start([join(folder, "agent.sh")], {});
    const known = await start([], { DATA_DIR: folder });
    const other = await start([], { DATA_DIR: tmpdir() });
    const seen = strangers(folder, [known]).map((line) => Number(line.split(":")[0]));
    expect(seen.sort()).toEqual([byEnvironment, byCommand].sort());
    expect(seen).not.toContain(other);
  });

  it("doesn't stay where a run or a gate left it, when the round is over", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-eyes-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await start([], { STAGECOACH_MARK: "1", TMPDIR: folder });
    const reader = await start([join(folder, "log")], {});
    const elsewhere = await mkdtemp(join(tmpdir(), "stagecoach-chaos-eyes-"));
    onTestFinished(() => rm(elsewhere, { recursive: true, force: true }));
    await start([], { STAGECOACH_MARK: "2", TMPDIR: elsewhere });
    endRuns(folder);
    await until("it is gone", () => strangers(folder, [reader]).length === 0);
    expect(strangers(folder, [])).toHaveLength(1);
    expect(strangers(elsewhere, [])).toHaveLength(1);
  });
});

/** A process that waits, until the test is over. */
async function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const wait = "setInterval(() => {}, 1_000); console.log('there')";
  const child = spawn(process.execPath, ["-e", wait, ...args], {
    env: { ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exit = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  await once(child.stdout, "data");
  return child.pid ?? 0;
}
