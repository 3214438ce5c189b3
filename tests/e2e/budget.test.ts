import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { drain } from "../../src/cli/wiring/lifecycle.js";
import { openStore, type Store } from "../../src/cli/wiring/store.js";
import { WORKER_KINDS, type WorkerKind } from "../../src/cli/wiring/worker-kinds.js";
import { startWorkers } from "../../src/cli/wiring/workers.js";
import { dayOf, endOfDay } from "../../src/domain/budget.js";
import { jobIds } from "../../src/domain/ids.js";
import { type RunReport, SILENT_REPORT } from "../../src/domain/run.js";
import { runStarted } from "../../src/domain/run-life.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import type { RunningWorker } from "../../src/queue/worker.js";
import { type Agent, type Agents, GOOD, write } from "../support/agents.js";
import { APPROVER, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

/** At this price the 50,000 tokens that an issue takes unless it says otherwise cost $0.30. */
const MODELS = {
  sonnet: { id: "fake", provider: "fake", usdPerMillionInput: 6, usdPerMillionOutput: 30 },
};
const ESTIMATED: RunReport = { usage: { inputTokens: 50_000, outputTokens: 0 }, costUsd: null };
/** A deployer works only where one is configured. */
const AGENTS = { default: { runner: "scripted", script: "unused" }, deployer: {} };
const PATIENCE = { timeout: 50_000, interval: 100 };
const EVERY_STAGE = {
  short: [
    { stage: "development", agent: "developer", gate: "tests-local" },
    { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
    { stage: "testing", agent: "tester", gate: "tests-passed" },
    { stage: "deploy", agent: "deployer", gate: "deploy-succeeded" },
  ],
};

/** A good agent that says what it used. */
const using =
  (report: RunReport, agent: Agent): Agent =>
  async (context, signal) => {
    await agent(context, signal);
    return { kind: "finished", report };
  };

const SPENDING: Agents = {
  developer: using(ESTIMATED, GOOD.developer),
  reviewer: using(ESTIMATED, GOOD.reviewer),
  tester: using(ESTIMATED, GOOD.tester),
  deployer: using(ESTIMATED, GOOD.deployer),
};

function fleetWith(
  budget: Record<string, unknown>,
  options: { agents?: Agents; pipeline?: string; workers?: readonly WorkerKind[] } = {},
): Promise<RunningFleet> {
  const { agents = SPENDING, pipeline = "direct", workers = WORKER_KINDS } = options;
  return runFleet({
    agents,
    workers,
    projects: { [REPO]: { pipeline, maxConcurrentRuns: 4 } },
    file: { budget, models: MODELS, pipelines: EVERY_STAGE, agents: AGENTS },
  });
}

const isPaused = ({ status }: WorkItem) => status === "paused";
const isDone = ({ status }: WorkItem) => status === "done";

async function says(fleet: RunningFleet, number: number, text: string): Promise<void> {
  fleet.gitea.humanComment(REPO, number, APPROVER, text);
  await fleet.gitea.settled();
}

async function spentInAll(fleet: RunningFleet, ids: readonly string[]): Promise<number> {
  const spent = await Promise.all(ids.map((id) => fleet.store.budgets.spentBy(id)));
  return spent.reduce((total, { usd }) => total + usd, 0);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a budget of $1 an item", () => {
  it("stops before the run whose estimate would pass it, says so once, and goes on by /budget", async () => {
    const fleet = await fleetWith({ perItem: { usd: 1 } }, { pipeline: "short" });
    fleet.assignedIssue({ number: 7 });
    const paused = await fleet.untilItem(7, isPaused);
    expect(paused).toMatchObject({ stage: "deploy", run: { ending: "over_budget" } });
    expect(paused.costUsd).toBeCloseTo(0.9, 9);
    await fleet.untilQuiet();
    expect(fleet.started.map(({ role }) => role)).toEqual(["developer", "reviewer", "tester"]);
    const told = () => fleet.said(7).filter((text) => text.includes("is paused"));
    expect(told()).toHaveLength(1);
    expect(told()[0]).toContain("spent $0.90 of $1.00, this run is estimated at $0.30");

    const status = fleet.gitea.comments(REPO, 7).find(({ body }) => body.includes(":status:"));
    expect(status?.body).toContain("Budget: $0.90 of $1.00 spent");

    // Promoted in the board, its job looks again, and nobody is told a second time.
    await fleet.store.flows.promote(fleet.store.flows.runJob(paused.id, paused.version));
    await fleet.untilItem(7, ({ run, status }) => status === "paused" && run?.attempt === 2);
    await fleet.untilQuiet();
    expect(told()).toHaveLength(1);

    await says(fleet, 7, "/budget +5");
    const done = await fleet.untilItem(7, isDone);
    expect(done).toMatchObject({ grantedBudget: { usd: 5 }, developerRuns: 1 });
    expect(fleet.started.map(({ role }) => role).slice(3)).toEqual(["deployer"]);
    expect((await fleet.store.budgets.spentBy("ET-001")).usd).toBe(1.2);
  });

  it("counts the estimate of a run that doesn't say what it used", async () => {
    const agents = { ...SPENDING, developer: using(SILENT_REPORT, GOOD.developer) };
    const fleet = await fleetWith({ perItem: { usd: 1 } }, { agents });
    fleet.assignedIssue({ number: 7 });
    expect((await fleet.untilItem(7, isDone)).costUsd).toBe(0);
    expect((await fleet.store.budgets.spentBy("ET-001")).usd).toBe(0.3);
  });

  it("counts the estimate of a run whose worker was lost, beside the one that took over", async () => {
    const { fleet, id, version } = await fleetWithLostRun();
    await fleet.start("agent");
    await fleet.untilItem(7, isDone);
    expect(fleet.started.map(({ run }) => run)).toEqual([`${id}-v${version}-a2`]);
    expect((await fleet.store.budgets.spentBy(id)).usd).toBe(0.6);
  });

  it("counts the estimate of a run whose worker was lost, though its successor waits out a pause", async () => {
    const { fleet, id } = await fleetWithLostRun();
    const now = Date.now();
    await fleet.store.slots.pause("fake", now + 3_600_000, now);
    await fleet.start("agent");
    await fleet.untilItem(7, isPaused);
    await expect.poll(() => fleet.store.budgets.spentBy(id), PATIENCE).toMatchObject({ usd: 0.3 });
    expect(fleet.started).toEqual([]);
  });

  it.each([1e308, 1e12])(
    "counts a run that says it cost $%d once, and ends it",
    async (costUsd) => {
      const absurd = { usage: { inputTokens: 1, outputTokens: 1 }, costUsd };
      const agents = { developer: using(absurd, GOOD.developer) };
      const fleet = await fleetWith({ perItem: { usd: 1 } }, { agents });
      fleet.assignedIssue({ number: 7 });
      const item = await fleet.untilItem(7, isDone);
      expect(item).toMatchObject({ developerRuns: 1, costUsd: 1_000_000 });
      expect(fleet.started).toHaveLength(1);
      expect((await fleet.store.budgets.spentBy("ET-001")).usd).toBe(1_000_000);
    },
  );

  it("counts what a run used whose work must not be pushed", async () => {
    const forbidden: Agent = async (context) => {
      await write(context, { ".github/ci.yml": "on: push\n" });
      return undefined;
    };
    const agents = { developer: using(ESTIMATED, forbidden) };
    const fleet = await fleetWith({ perItem: { usd: 1 } }, { agents });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "failed");
    expect(item.costUsd).toBeCloseTo(0.3, 9);
    expect((await fleet.store.budgets.spentBy("ET-001")).usd).toBe(0.3);
  });

  it("starts nothing whose model has no price", async () => {
    const fleet = await fleetWith(
      { perItem: { usd: 1 } },
      { workers: ["parser", "stage", "notifier"] },
    );
    const { config } = fleet.parts;
    const unpriced = { ...config, fleet: { ...config.fleet, models: {} } };
    await startedHere({ ...fleet.parts, config: unpriced }, ["agent"]);
    fleet.assignedIssue({ number: 7 });
    const paused = await fleet.untilItem(7, isPaused);
    expect(paused.reason).toContain("The model sonnet has no price");
    expect(fleet.started).toEqual([]);
  });
});

describe("a budget of $1 a day", () => {
  it("never lets four items at once pass it", async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const developer: Agent = async (context, signal) => {
      await released;
      return SPENDING.developer?.(context, signal);
    };
    const fleet = await fleetWith({ perDay: { usd: 1 } }, { agents: { developer } });
    for (const number of [1, 2, 3, 4]) fleet.assignedIssue({ number });
    await fleet.untilStarted(3);
    const ids = ["ET-001", "ET-002", "ET-003", "ET-004"];
    const late = await vi.waitFor(async () => {
      const items = await Promise.all(ids.map((id) => fleet.store.items.find(id)));
      const paused = items.filter((item) => item !== null && isPaused(item));
      expect(paused).toHaveLength(1);
      return paused[0] as WorkItem;
    }, PATIENCE);
    expect(late.reason).toContain("spent $0.00 (and $0.90 held by runs at work) of $1.00");
    release();
    for (const id of ids.filter((other) => other !== late.id)) await fleet.untilItem(id, isDone);
    await fleet.untilQuiet({ except: [jobIds.run(late.id, late.version)] });
    expect(fleet.started).toHaveLength(3);
    expect(await spentInAll(fleet, ids)).toBeCloseTo(0.9, 9);

    await says(fleet, late.issue.tracker === "gitea" ? late.issue.number : 0, "/budget +5");
    await fleet.untilItem(late.id, isDone);
    expect(fleet.started).toHaveLength(4);
  });

  it("holds after a restart of the fleet", async () => {
    const fleet = await fleetWith({ perDay: { usd: 1 } }, { workers: [] });
    const first = await startedHere(fleet.parts, WORKER_KINDS);
    for (const number of [1, 2, 3]) {
      fleet.assignedIssue({ number });
      await fleet.untilItem(number, isDone);
    }
    await fleet.untilQuiet();
    await drain(first, 5_000, fleet.parts.log);
    const store = await anotherStore(fleet);
    await startedHere({ ...fleet.parts, store }, WORKER_KINDS);
    fleet.assignedIssue({ number: 4 });
    await vi.waitFor(async () => {
      expect(await store.items.find("ET-004")).toMatchObject({ status: "paused" });
    }, PATIENCE);
    expect(fleet.started).toHaveLength(3);
  });

  it("goes on by itself after midnight UTC", async () => {
    const fleet = await fleetWith({ perDay: { usd: 0.5 } });
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, isDone);
    fleet.assignedIssue({ number: 2 });
    const paused = await fleet.untilItem(2, isPaused);
    const jobId = jobIds.run(paused.id, paused.version);
    await fleet.untilQuiet({ except: [jobId] });
    const midnight = endOfDay(dayOf(paused.updatedAt));
    const job = await fleet.store.queues.get("runs").getJob(jobId);
    const dueAt = (job?.timestamp ?? 0) + (job?.delay ?? 0);
    expect(await job?.isDelayed()).toBe(true);

    const now = Date.now.bind(Date);
    const ahead = midnight + 61_000 - now();
    vi.spyOn(Date, "now").mockImplementation(() => now() + ahead);
    await fleet.untilItem(2, isDone);
    expect(fleet.started).toHaveLength(2);
    expect(dueAt).toBeGreaterThanOrEqual(midnight - 1_000);
  });
});

/** An item whose agent was at work when its worker died; no other agent worker is there yet. */
async function fleetWithLostRun() {
  const workers = ["parser", "stage", "notifier"] as const;
  const fleet = await fleetWith({ perItem: { usd: 1 } }, { workers });
  fleet.assignedIssue({ number: 7 });
  const { id, version } = await fleet.untilItem(7, ({ status }) => status === "waiting");
  await fleet.untilQuiet({ except: [jobIds.run(id, version)] });
  await lostRun(fleet, id);
  return { fleet, id, version };
}

/** What a worker leaves that dies with its agent at work. */
async function lostRun({ store }: RunningFleet, id: string): Promise<void> {
  const at = new Date().toISOString();
  const start = { failures: 0, afterFault: false };
  const lost = await store.items.transition(id, (item) =>
    runStarted(item, "developer", "sonnet", { id: "start-lost", text: "run", at }, start),
  );
  const run = lost?.item.run;
  if (run == null) throw new Error("the run did not start");
  const held = { id: run.id, item: id, project: "rocket", startedAt: run.startedAt };
  expect(await store.budgets.reserve(held, { usd: 0.3, tokens: 50_000 }, {})).toBeNull();
}

/** Workers beside the fleet's own, which a test can end. */
async function startedHere(
  parts: RunningFleet["parts"],
  kinds: readonly WorkerKind[],
): Promise<RunningWorker[]> {
  const workers = (await Promise.all(kinds.map((kind) => startWorkers(kind, parts)))).flat();
  onTestFinished(() => drain(workers, 5_000, parts.log));
  return workers;
}

/** The store as a process sees it that was just started. */
async function anotherStore({ parts }: RunningFleet): Promise<Store> {
  const { config, log } = parts;
  const store = await openStore(config, config.environment.redisUrl ?? "", log, { role: "worker" });
  onTestFinished(() => store.close());
  return store;
}
