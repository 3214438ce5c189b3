import { describe, expect, it } from "vitest";
import { inTurn, leaving, leavingNothing, writeArtifacts } from "../support/agents.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

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

function roles(fleet: RunningFleet): string[] {
  return fleet.started.map(({ role }) => role);
}

describe("a verdict", () => {
  it("of an earlier round does not pass a later one", async () => {
    const sentBack = leaving({ "13-test-report.md": "verdict: FAIL\n\nIt crashes.\n" });
    const fleet = await runFleet({
      ...REVIEWED,
      agents: { reviewer: inTurn(APPROVED, leavingNothing), tester: sentBack },
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
        reviewer: leavingNothing,
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
});
