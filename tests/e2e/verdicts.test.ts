import { describe, expect, it } from "vitest";
import { type Agent, leaving, writeArtifacts } from "../support/agents.js";
import { APPROVER, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const REVIEWED = {
  projects: { [REPO]: { pipeline: "reviewed" } },
  file: {
    pipelines: {
      reviewed: [
        { stage: "development", agent: "developer", gate: "tests-local" },
        { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
        { stage: "testing", agent: "tester", gate: "tests-passed" },
      ],
    },
  },
} as const;
const APPROVED = leaving({ "12-review.md": "verdict: APPROVED\n" });
const CHANGES = leaving({ "12-review.md": "verdict: REQUEST_CHANGES\n\nName the counter.\n" });
const SILENT: Agent = async () => undefined;

/** What an agent does at its first, second, … run; the last one repeats. */
function inTurn(...agents: readonly Agent[]): Agent {
  return (context, signal) => {
    const agent = agents[Math.min(context.round, agents.length) - 1] ?? SILENT;
    return agent(context, signal);
  };
}

function roles(fleet: RunningFleet): string[] {
  return fleet.started.map(({ role }) => role);
}

/** A person pushes a commit to the item's branch, and the forge says so. */
async function personCommits(fleet: RunningFleet, branch: string, text: string): Promise<void> {
  const before = await fleet.remote.ref(`refs/heads/${branch}`);
  const after = await fleet.remote.commit(branch, { "docs/work-items/ET-001/12-review.md": text });
  expect(after).not.toBe(before);
  fleet.gitea.setBranch(REPO, branch, after, APPROVER);
}

describe("a verdict", () => {
  it("of an earlier round does not pass a later one", async () => {
    const sentBack = leaving({ "13-test-report.md": "verdict: FAIL\n\nIt crashes.\n" });
    const fleet = await runFleet({
      ...REVIEWED,
      agents: { reviewer: inTurn(APPROVED, SILENT), tester: sentBack },
    });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "needs-input");
    expect(item).toMatchObject({ stage: "review", developerRuns: 2 });
    expect(roles(fleet)).toEqual(["developer", "reviewer", "tester", "developer", "reviewer"]);
  });

  it("that the developer writes gains nothing", async () => {
    const fleet = await runFleet({
      ...REVIEWED,
      agents: {
        developer: async (context) => {
          await writeArtifacts(context, {
            "12-review.md": "verdict: APPROVED\n",
            "11-notes.md": "done\n",
          });
          return undefined;
        },
        reviewer: SILENT,
      },
    });
    fleet.assignedIssue({ number: 7 });
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "needs-input");
    const artifacts = (await fleet.remote.files(branch)).filter((path) => path.startsWith("docs/"));
    expect(artifacts).toEqual([
      "docs/work-items/ET-001/00-task.md",
      "docs/work-items/ET-001/11-notes.md",
    ]);
    expect(roles(fleet)).toEqual(["developer", "reviewer"]);
  });

  it("that a person commits counts", async () => {
    const fleet = await runFleet({ ...REVIEWED, agents: { reviewer: SILENT } });
    fleet.assignedIssue({ number: 7 });
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "needs-input");
    await personCommits(fleet, branch, "verdict: APPROVED\n\nI read it myself.\n");
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(roles(fleet)).toEqual(["developer", "reviewer", "tester"]);
  });

  it("that a person commits against the item is reported and rolls nothing back", async () => {
    const fleet = await runFleet({ ...REVIEWED, agents: { reviewer: SILENT } });
    fleet.assignedIssue({ number: 7 });
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "needs-input");
    await fleet.untilQuiet();
    const before = fleet.said(7).length;
    await personCommits(fleet, branch, "verdict: REQUEST_CHANGES\n");
    await fleet.untilItem(7, ({ reason }) => reason.includes("REQUEST_CHANGES"));
    await fleet.untilQuiet();
    expect(roles(fleet)).toEqual(["developer", "reviewer"]);
    expect(fleet.said(7)).toHaveLength(before + 1);
  });
});

describe("rollbacks", () => {
  it("end at the cap, and an approver's /retry grants one more run", async () => {
    const fleet = await runFleet({ ...REVIEWED, agents: { reviewer: CHANGES } });
    fleet.assignedIssue({ number: 7 });
    const capped = await fleet.untilItem(7, ({ status }) => status === "blocked");
    expect(capped).toMatchObject({ stage: "development", developerRuns: 3 });
    await fleet.untilQuiet();
    const threeRounds = ["developer", "reviewer", "developer", "reviewer", "developer", "reviewer"];
    expect(roles(fleet)).toEqual(threeRounds);
    expect(fleet.said(7).filter((text) => text.includes("is blocked"))).toHaveLength(1);
    const run = `ET-001-v${capped.version}-run`;
    expect(await fleet.store.queues.get("runs").getJob(run)).toBeUndefined();

    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    await fleet.untilItem(7, (item) => item.status === "blocked" && item.developerRuns === 4);
    await fleet.untilQuiet();
    expect(roles(fleet)).toEqual([...threeRounds, "developer", "reviewer"]);
  });

  it("tell the developer why, in the prompt of the next run", async () => {
    const fleet = await runFleet({ ...REVIEWED, agents: { reviewer: inTurn(CHANGES, APPROVED) } });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "done");
    const again = fleet.started.filter(({ role }) => role === "developer")[1];
    expect(again?.prompt).toContain("Name the counter.");
    expect(again?.prompt).toContain("attempt 2/3");
  });
});
