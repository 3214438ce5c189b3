import { describe, expect, it } from "vitest";
import { coreOf } from "../../src/cli/wiring/core.js";
import { agentDeps } from "../../src/cli/wiring/fleet.js";
import { EMPTY_REPORT } from "../../src/domain/run.js";
import { runStarted } from "../../src/domain/run-life.js";
import type { JobOutcome } from "../../src/engine/jobs.js";
import { type OutboxDeps, OVERDUE_MS, sweepOutbox } from "../../src/engine/outbox.js";
import { runStage } from "../../src/engine/run-stage.js";
import { budgetKeys } from "../../src/redis/keys.js";
import { write } from "../support/agents.js";
import { instantWorkspace } from "../support/instant-workspace.js";
import { createdItem, newItem } from "../support/new-item.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const NEVER = new AbortController().signal;
const FIRST = { failures: 0, afterFault: false };

/** The engine of a process that looks after effects have become overdue. */
function later({ parts }: RunningFleet): OutboxDeps {
  const core = coreOf(parts.config, parts.store, parts.log);
  return { ...core, clock: () => Date.now() + OVERDUE_MS + 1_000 };
}

describe("a process that dies after a transition, before its effects", () => {
  it("leaves them to the next sweep, which carries them out once, though two sweep at once", async () => {
    const fleet = await runFleet({ workers: [] });
    fleet.gitea.setHook(null);
    fleet.assignedIssue({ number: 7 });
    const deps = later(fleet);
    const id = await createdItem(deps, 7);
    expect(await fleet.store.queues.get("stages").getJobCountByTypes()).toBe(0);

    await Promise.all([sweepOutbox(deps), sweepOutbox(deps)]);
    expect(await fleet.store.items.owed(id)).toEqual([]);
    expect(await sweepOutbox(deps)).toBe(0);
    for (const queue of ["stages", "gates", "runs", "slots"] as const) {
      expect(await fleet.store.queues.get(queue).getJobCountByTypes()).toBe(1);
    }
    await fleet.start("stage", "agent", "notifier");
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(1);
    expect(fleet.said(7)).toEqual([expect.stringContaining("is done")]);
  });

  it("is not swept up while its effects may still be under way", async () => {
    const fleet = await runFleet({ workers: [] });
    const now = coreOf(fleet.parts.config, fleet.store, fleet.parts.log);
    await createdItem({ ...now, clock: () => 0 }, 7);
    const storedAt = Date.parse((await fleet.untilItem(7, () => true)).updatedAt);
    expect(await sweepOutbox({ ...now, clock: () => storedAt + OVERDUE_MS - 1 })).toBe(0);
    expect(await sweepOutbox({ ...now, clock: () => storedAt + OVERDUE_MS })).toBe(1);
  });

  it("holds up no other item when one's effects can't be carried out", async () => {
    const fleet = await runFleet({ workers: [] });
    const deps = later(fleet);
    const [stuck, other] = [await createdItem(deps, 7), await createdItem(deps, 8)];
    const flows: OutboxDeps["flows"] = {
      ...deps.flows,
      add: (plan) =>
        plan.item === stuck ? Promise.reject(new Error("refused")) : deps.flows.add(plan),
    };
    expect(await sweepOutbox({ ...deps, flows })).toBe(1);
    expect(await fleet.store.items.owed(other)).toEqual([]);
    expect(await sweepOutbox(deps)).toBe(1);
    expect(await fleet.store.items.owed(stuck)).toEqual([]);
  });
});

describe("a worker that is lost with an agent at work", () => {
  it("leaves a run that another worker takes over, and one result", async () => {
    const fleet = await runFleet({ workers: ["parser", "stage", "notifier"] });
    fleet.assignedIssue({ number: 7 });
    const { id } = await fleet.untilItem(7, () => true);
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    const at = new Date().toISOString();
    await fleet.store.items.transition(id, (item) =>
      runStarted(item, "developer", null, { id: "lost", text: "a lost worker", at }),
    );
    await fleet.start("agent");
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(item.developerRuns).toBe(1);
    const endings = (await fleet.store.items.runs(id)).map(({ ending }) => ending);
    expect(endings).toEqual(["superseded", "succeeded"]);
  });

  it("leaves an item that waits for a blocker which came up meanwhile", async () => {
    const fleet = await runFleet({ workers: ["parser", "stage", "notifier"] });
    fleet.gitea.addIssue({ repo: REPO, number: 6, title: "Issue 6", author: "alice" });
    fleet.assignedIssue({ number: 7 });
    const { id } = await fleet.untilItem(7, () => true);
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    const at = new Date().toISOString();
    await fleet.store.items.transition(id, (item) =>
      runStarted(item, "developer", null, { id: "lost", text: "a lost worker", at }),
    );
    fleet.gitea.edit(REPO, 7, { body: "- Blocked by: #6\n" });
    await fleet.untilItem(7, ({ metadata }) => metadata.blockedBy.length === 1);
    await fleet.start("agent");
    await fleet.untilItem(7, ({ version, status }) => version === 2 && status === "waiting");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(0);
    expect(await fleet.store.items.runs(id)).toMatchObject([{ ending: "superseded" }]);
    fleet.gitea.close(REPO, 6);
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("changes nothing when it thaws after its job has run elsewhere", async () => {
    const frozen = gate();
    const fleet = await runFleet({
      workers: ["parser", "stage", "notifier"],
      heartbeatMs: 600_000,
      agents: {
        developer: async (context) => {
          await write(context, { [`attempt-${context.attempt}.txt`]: "here\n" });
          if (context.attempt === 1) await frozen.opened;
          return undefined;
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, () => true);
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    const [lost, successor] = [await agentDeps(fleet.parts), await agentDeps(fleet.parts)];
    const job = { item: "ET-001", version: 1 };
    const thawing = runStage(lost, job, NEVER, FIRST);
    await fleet.untilStarted(1);
    expect((await runStage(successor, job, NEVER, FIRST)).kind).toBe("finished");
    frozen.open();
    expect((await thawing).kind).toBe("stale");

    const item = await fleet.untilItem(7, () => true);
    const files = await fleet.remote.files(item.branch);
    expect(files).toContain("attempt-2.txt");
    expect(files).not.toContain("attempt-1.txt");
    expect(item.head).toBe(await fleet.remote.ref(`refs/heads/${item.branch}`));
    expect(item.developerRuns).toBe(1);
  });

  it("holds no budget when it thaws as it is about to reserve one, and dies", async () => {
    const [asked, frozen, answered] = [gate(), gate(), gate()];
    const fleet = await runFleet({ workers: ["parser", "stage", "notifier"] });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, () => true);
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    const deps = await agentDeps(fleet.parts);
    const reserve: typeof deps.budgets.reserve = async (...run) => {
      asked.open();
      await frozen.opened;
      await deps.budgets.reserve(...run);
      answered.open();
      return gate().opened as Promise<never>;
    };
    const job = { item: "ET-001", version: 1 };
    void runStage({ ...deps, budgets: { ...deps.budgets, reserve } }, job, NEVER, FIRST);
    await asked.opened;
    expect((await runStage(deps, job, NEVER, FIRST)).kind).toBe("finished");
    frozen.open();
    await answered.opened;
    const { redis, prefix } = fleet.store;
    expect(await redis.hgetall(budgetKeys(prefix).open)).toEqual({});
  });

  it("may lose five starts in a row; the next fails the item and tells a person", async () => {
    const fleet = await runFleet({ workers: [] });
    const silence = gate();
    const deps = {
      ...(await agentDeps(fleet.parts)),
      workspace: instantWorkspace(),
      runners: {
        scripted: async () => {
          await silence.opened;
          return { kind: "cancelled", report: EMPTY_REPORT } as const;
        },
      },
    };
    const { id } = await newItem(deps, 7);
    const lost: Promise<JobOutcome>[] = [];
    for (let start = 1; start <= 5; start += 1) {
      lost.push(runStage(deps, { item: id, version: 1 }, NEVER, FIRST));
      await fleet.untilItem(7, ({ run }) => run?.attempt === start);
    }
    expect((await runStage(deps, { item: id, version: 1 }, NEVER, FIRST)).kind).toBe("failed");
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ status: "failed" });
    silence.open();
    for (const outcome of await Promise.all(lost)) expect(outcome.kind).toBe("stale");

    // An operator who retries the job has five starts again.
    const retried = { failures: 1, afterFault: false };
    await expect(runStage(deps, { item: id, version: 1 }, NEVER, retried)).resolves.toMatchObject({
      kind: "parked",
    });
  });

  it("is tried again by itself when a fault of ours ended it", async () => {
    const fleet = await runFleet({
      agents: {
        developer: ({ attempt }) =>
          attempt === 1
            ? Promise.reject(new TypeError("a bug of ours"))
            : Promise.resolve(undefined),
      },
    });
    fleet.assignedIssue({ number: 7 });
    const { id } = await fleet.untilItem(7, ({ status }) => status === "done");
    const endings = (await fleet.store.items.runs(id)).map(({ ending }) => ending);
    expect(endings).toEqual(["transient", "succeeded"]);
  });
});

/** Something to wait for until the test opens it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
