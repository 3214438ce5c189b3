import { describe, expect, it } from "vitest";
import { APPROVER, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

interface Awaited extends RunningFleet {
  readonly branch: string;
  readonly pull: number;
}

async function quiet(fleet: RunningFleet): Promise<void> {
  await fleet.gitea.settled();
  await fleet.untilQuiet();
}

function timesSaid(fleet: RunningFleet, words: string): number {
  return fleet.said(7).filter((text) => text.includes(words)).length;
}

describe("where nobody but people look", () => {
  async function awaited(): Promise<Awaited> {
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline: "people" } },
      file: {
        pipelines: {
          people: [
            { stage: "development", agent: "developer", gate: "tests-local" },
            { stage: "review", gate: "review-approved" },
          ],
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await fleet.untilQuiet();
    return { ...fleet, branch, pull: fleet.gitea.pullRequests(REPO)[0]?.number ?? 0 };
  }

  it("a closed pull request is followed by another at a /retry, as the comment says", async () => {
    const fleet = await awaited();
    fleet.gitea.closePullRequest(REPO, fleet.pull);
    await quiet(fleet);
    expect(timesSaid(fleet, "an approver's `/retry`, goes on from here")).toBe(1);
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await quiet(fleet);
    expect(fleet.gitea.pullRequests(REPO).filter(({ open }) => open)).toHaveLength(1);
    expect(fleet.started).toHaveLength(1);
  });

  it("a /retry makes no branch again that was deleted, and the words say what does", async () => {
    const fleet = await awaited();
    await fleet.remote.git("update-ref", "-d", `refs/heads/${fleet.branch}`);
    fleet.gitea.deleteBranch(REPO, fleet.branch);
    await quiet(fleet);
    expect(timesSaid(fleet, "`/retry` makes it again")).toBe(0);
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    await quiet(fleet);
    expect(fleet.said(7).at(-1)).toContain("`/rollback` to an earlier stage does");
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/rollback");
    await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    expect(fleet.started).toHaveLength(2);
  });
});
