import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { untilStopped, write } from "../support/agents.js";
import { until } from "../support/processes.js";
import { processesNaming } from "../support/processes-naming.js";
import { APPROVER, BOT, GITEA_SECRET, REPO, runFleet } from "../support/running-fleet.js";

describe("cancelling", () => {
  it("stops the agent at work, pushes nothing of it, and frees its slot", async () => {
    let stopped = false;
    const fleet = await runFleet({
      projects: { [REPO]: { maxConcurrentRuns: 1 } },
      agents: {
        developer: async (context, signal) => {
          if (context.item !== "ET-001") return undefined;
          await write(context, { "half.txt": "half done\n" });
          const ending = await untilStopped(context, signal);
          stopped = true;
          return ending;
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 8 });
    fleet.gitea.unassign(REPO, 7, BOT);
    await fleet.untilItem(8, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(stopped).toBe(true);
    const item = await fleet.store.items.find("ET-001");
    expect(item).toMatchObject({ status: "cancelled", reason: "The bot was unassigned." });
    expect(await fleet.store.items.runs("ET-001")).toMatchObject([{ ending: "cancelled" }]);
    expect(await fleet.remote.files(item?.branch ?? "")).not.toContain("half.txt");
  });

  it("stops the gate's command, whose verdict nobody waits for any more", async () => {
    // Never to end by itself, and not to be taken for anybody else's.
    const seconds = `600.${randomInt(1e9)}`;
    const running = async () => (await processesNaming(seconds)).length > 0;
    const fleet = await runFleet({
      file: { gates: { "tests-local": { command: ["sleep", seconds], timeoutMinutes: 10 } } },
    });
    fleet.assignedIssue({ number: 7 });
    await until("the gate's command runs", running);
    fleet.gitea.close(REPO, 7);
    await fleet.untilItem(7, ({ status }) => status === "cancelled");
    await until("the gate's command is stopped", async () => !(await running()));
    await fleet.untilQuiet();
    const history = await fleet.store.items.history("ET-001");
    expect(history.filter(({ kind }) => kind === "verdict")).toEqual([]);
  });

  it("pushes nothing of an agent that finishes before it hears of it", async () => {
    let finish: () => void = () => undefined;
    const told = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const fleet = await runFleet({
      // No heartbeat within the test: only the look before the push can notice.
      heartbeatMs: 600_000,
      agents: {
        developer: async (context) => {
          await write(context, { "whole.txt": "done\n" });
          await told;
          return undefined;
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(1);
    fleet.gitea.close(REPO, 7);
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "cancelled");
    finish();
    await fleet.untilQuiet();
    expect(await fleet.remote.files(branch)).not.toContain("whole.txt");
    expect((await fleet.untilItem(7, () => true)).status).toBe("cancelled");
  });

  it("does not happen when the bot is assigned again before anybody heard of it", async () => {
    const fleet = await runFleet({ workers: ["stage", "agent", "notifier"] });
    fleet.assignedIssue({ number: 7 });
    fleet.gitea.unassign(REPO, 7, BOT);
    fleet.gitea.assign(REPO, 7, BOT);
    await fleet.gitea.settled();
    await fleet.start("parser");
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect((await fleet.store.items.list({ limit: 10, cursor: null })).items).toHaveLength(1);
  });

  it("does not happen when the issue was closed by merging its pull request", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline: "reviewed" } },
      file: {
        pipelines: {
          reviewed: [
            { stage: "development", agent: "developer" },
            { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
          ],
        },
      },
      agents: { reviewer: async () => undefined },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "needs-input");
    await fleet.untilQuiet();
    const [pull] = fleet.gitea.pullRequests(REPO);
    // Its webhook about the merge is lost: only the closed issue is told.
    fleet.gitea.setHook(null);
    fleet.gitea.mergePullRequest(REPO, pull?.number ?? 0);
    fleet.gitea.setHook({ url: `${fleet.receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
    fleet.gitea.close(REPO, 7);
    const item = await fleet.untilItem(7, ({ status }) => status !== "needs-input");
    expect(item).toMatchObject({ stage: "done", status: "done" });
  });

  it("is followed by a new item when the bot is assigned again", async () => {
    const fleet = await runFleet({
      agents: {
        developer: (context, signal) =>
          context.item === "ET-001" ? untilStopped(context, signal) : Promise.resolve(undefined),
      },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(1);
    fleet.gitea.unassign(REPO, 7, BOT);
    await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
    fleet.gitea.assign(REPO, 7, BOT);
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(item.id).toBe("ET-002");
  });
});

describe("a branch that a person moves while an agent works on it", () => {
  it("is worked on again from where it is now", async () => {
    let moved = false;
    const fleet = await runFleet({
      agents: {
        developer: async (context) => {
          await write(context, { [`try-${context.attempt}.txt`]: "tried\n" });
          if (!moved) await fleet.remote.commit(context.branch, { "person.txt": "mine\n" });
          moved = true;
          return undefined;
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "done");
    const files = await fleet.remote.files(branch);
    expect(files).toContain("person.txt");
    expect(files).toContain("try-2.txt");
    expect(files).not.toContain("try-1.txt");
  });
});

describe("an edge that appears while an item waits for a slot", () => {
  const busy = {
    projects: { [REPO]: { maxConcurrentRuns: 1 } },
    agents: {
      developer: (context: Parameters<typeof untilStopped>[0], signal: AbortSignal) =>
        context.item === "ET-001" ? untilStopped(context, signal) : Promise.resolve(undefined),
    },
  };

  it.each(["an edit of its own", "an edit of the blocker"])("sends it back: by %s", async (by) => {
    const fleet = await runFleet(busy);
    fleet.assignedIssue({ number: 1 });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 5 });
    fleet.assignedIssue({ number: 6 });
    await fleet.untilItem(6, ({ status }) => status === "waiting");
    const own = by === "an edit of its own";
    fleet.gitea.edit(REPO, own ? 5 : 6, { body: own ? "- Blocked by: #6\n" : "- Blocks: #5\n" });
    await fleet.untilItem(5, ({ version }) => version === 2);
    fleet.gitea.unassign(REPO, 1, BOT, APPROVER);
    await fleet.untilItem(5, ({ status }) => status === "done");
    const order = fleet.started.map(({ branch }) => branch.split("-").at(-1));
    expect(order).toEqual(["1", "6", "5"]);
  });
});
