import { describe, expect, it } from "vitest";
import { type Agent, failing } from "../support/agents.js";
import { retryInBoard } from "../support/board.js";
import { readEverything } from "../support/redis-dump.js";
import { APPROVER, REPO, runFleet } from "../support/running-fleet.js";

/** Fails until `mended` is called. */
function brokenAgent() {
  let broken = true;
  const agent: Agent = async () => (broken ? failing("the compiler is missing") : undefined);
  return {
    agent,
    mend: () => {
      broken = false;
    },
  };
}

const CANARY = "canary+4f9a1c77e2/of-the-agent";
const SAYING = {
  "fails with it on its last line":
    'printf "%s %0280d%s" "$DEPLOY_TOKEN" 0 "$DEPLOY_TOKEN"; exit 1',
  "gives it as its summary":
    'echo x > x; printf \'{"summary":"used %s"}\' "$DEPLOY_TOKEN" > "$STAGECOACH_RESULT_FILE"',
};

describe("an agent that was given a secret", () => {
  it.each(Object.entries(SAYING))("and %s tells nobody", async (_, script) => {
    const fleet = await runFleet({
      environment: { DEPLOY_TOKEN: CANARY },
      file: {
        agents: {
          default: {
            ...{ runner: "command", command: ["sh", "-c", script] },
            ...{ env: ["DEPLOY_TOKEN"], sandbox: "none" },
          },
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    const { id } = await fleet.untilItem(7, ({ status }) => ["failed", "done"].includes(status));
    await fleet.untilQuiet();
    const [run] = await fleet.store.items.runs(id);
    expect(run?.reason).toContain("***");
    const said = JSON.stringify(fleet.gitea.comments(REPO, 7));
    const stored = await readEverything(fleet.store.redis);
    for (const text of [said, stored]) expect(text).not.toContain(CANARY.slice(0, 12));
  });
});

describe("an agent that fails", () => {
  it("leaves its item where it was, tells a person once, and goes on when retried in the board", async () => {
    const { agent, mend } = brokenAgent();
    const fleet = await runFleet({ agents: { developer: agent } });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();

    const item = await fleet.untilItem(7, () => true);
    expect(item).toMatchObject({
      stage: "development",
      version: 1,
      status: "failed",
      reason: "the compiler is missing",
      developerRuns: 1,
    });
    expect(fleet.said(7)).toEqual([expect.stringContaining("the compiler is missing")]);
    const job = await fleet.store.queues.get("runs").getJob("ET-001-v1-run");
    expect(await job?.getState()).toBe("failed");
    expect(fleet.started).toHaveLength(1);

    mend();
    expect(await retryInBoard(fleet, "runs", "ET-001-v1-run")).toBe(204);
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(2);
    expect(fleet.said(7)).toHaveLength(2);
  });

  it("gives its slot back to the next one", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: { maxConcurrentRuns: 1 } },
      agents: {
        developer: async ({ item }) => (item === "ET-001" ? failing("no") : undefined),
      },
    });
    fleet.assignedIssue({ number: 7 });
    fleet.assignedIssue({ number: 8 });
    await fleet.untilItem(8, ({ status }) => status === "done");
    await fleet.untilItem(7, ({ status }) => status === "failed");
  });

  it("runs again by an approver's /retry, and the failed job no longer moves anything", async () => {
    const { agent, mend } = brokenAgent();
    const fleet = await runFleet({ agents: { developer: agent } });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();
    mend();
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(item).toMatchObject({ version: 3, developerRuns: 2 });
    await fleet.untilQuiet();
    expect(await fleet.store.queues.get("runs").getJob("ET-001-v1-run")).toBeUndefined();
  });

  it("retried while a blocker has come up waits for the blocker", async () => {
    const { agent, mend } = brokenAgent();
    const fleet = await runFleet({ agents: { developer: agent } });
    fleet.gitea.addIssue({ repo: REPO, number: 6, title: "Issue 6", author: APPROVER });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    fleet.gitea.edit(REPO, 7, { body: "- Blocked by: #6\n" });
    await fleet.untilItem(7, ({ metadata }) => metadata.blockedBy.length === 1);
    await fleet.untilQuiet();
    mend();
    expect(await retryInBoard(fleet, "runs", "ET-001-v1-run")).toBe(204);
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(1);
    fleet.gitea.close(REPO, 6);
    await fleet.untilItem(7, ({ status }) => status === "done");
  });
});
