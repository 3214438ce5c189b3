import { describe, expect, it } from "vitest";
import { type Agent, leaving } from "../support/agents.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const REVIEWED = {
  projects: { [REPO]: { pipeline: "reviewed" } },
  file: {
    pipelines: {
      reviewed: [
        { stage: "development", agent: "developer", gate: "tests-local" },
        { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
      ],
    },
  },
} as const;
const OPENING = /^POST .*\/pulls$/;
const APPROVED = leaving({ "12-review.md": "verdict: APPROVED\n" });
const CHANGES = leaving({ "12-review.md": "verdict: REQUEST_CHANGES\n\nName the counter.\n" });

/** A fleet whose reviewer notes how many pull requests it found open when it started. */
async function fleetWithReviewer(review: Agent): Promise<{
  readonly fleet: RunningFleet;
  readonly found: readonly number[];
}> {
  const found: number[] = [];
  const holder: { fleet: RunningFleet | null } = { fleet: null };
  const fleet = await runFleet({
    ...REVIEWED,
    agents: {
      reviewer: (context, signal) => {
        found.push(open(holder.fleet));
        return review(context, signal);
      },
    },
  });
  holder.fleet = fleet;
  return { fleet, found };
}

function open(fleet: RunningFleet | null): number {
  return fleet?.gitea.pullRequests(REPO).filter((pull) => pull.open).length ?? 0;
}

describe("the pull request", () => {
  it("is open before the reviewer starts, in every round, and is one", async () => {
    const { fleet, found } = await fleetWithReviewer((context, signal) =>
      (context.round === 1 ? CHANGES : APPROVED)(context, signal),
    );
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(found).toEqual([1, 1]);
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([
      { head: item.branch, base: "main", open: true, title: "ET-001: Issue 7" },
    ]);
  });

  it("holds the reviewer back while the forge is in trouble, and is tried again", async () => {
    const { fleet, found } = await fleetWithReviewer(APPROVED);
    fleet.gitea.failNext(2, 503, {}, OPENING);
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(found).toEqual([1]);
    expect(fleet.gitea.requests.filter((line) => OPENING.test(line))).toHaveLength(3);
    expect(fleet.gitea.pullRequests(REPO)).toHaveLength(1);
  });

  it("that is refused for good is told of once, and the review goes on without it", async () => {
    const { fleet, found } = await fleetWithReviewer((context, signal) =>
      (context.round === 1 ? CHANGES : APPROVED)(context, signal),
    );
    fleet.gitea.switchPullRequestsOff(REPO);
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(found).toEqual([0, 0]);
    const told = fleet.said(7).filter((text) => text.includes("No pull request could be opened"));
    expect(told).toEqual([expect.stringContaining("404")]);
  });

  it("is linked in the status comment, of which there is one", async () => {
    const { fleet } = await fleetWithReviewer(APPROVED);
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    const [pull] = fleet.gitea.pullRequests(REPO);
    const status = statusComments(fleet);
    expect(status).toHaveLength(1);
    expect(status[0]).toContain(`Pull request: [#${pull?.number}](`);
  });
});

function statusComments(fleet: RunningFleet): string[] {
  return fleet.gitea
    .comments(REPO, 7)
    .map(({ body }) => body)
    .filter((body) => body.includes("stagecoach:status:"));
}
