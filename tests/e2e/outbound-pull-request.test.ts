import { describe, expect, it } from "vitest";
import { jobIds } from "../../src/domain/ids.js";
import { CATALOG } from "../../src/queue/catalog.js";
import { notificationJobId } from "../../src/queue/producers.js";
import { slotKeys } from "../../src/redis/keys.js";
import { type Agent, leaving } from "../support/agents.js";
import { APPROVER, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

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

  it("is open before the reviewer starts in a pipeline that begins with the review", async () => {
    const seen: number[] = [];
    const holder: { fleet: RunningFleet | null } = { fleet: null };
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline: "second-look" } },
      file: {
        pipelines: {
          "second-look": [{ stage: "review", agent: "reviewer", gate: "reviewer-verdict" }],
        },
      },
      agents: {
        reviewer: async (context, signal) => {
          seen.push(holder.fleet?.gitea.pullRequests(REPO).filter(({ open }) => open).length ?? 0);
          return APPROVED(context, signal);
        },
      },
    });
    holder.fleet = fleet;
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(seen).toEqual([1]);
    expect(fleet.gitea.pullRequests(REPO)).toHaveLength(1);
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

/** Attempts of a job until it is given up. */
const ATTEMPTS = CATALOG.notifications.options.attempts;

describe("the pull request that can't be opened in any attempt", () => {
  /** An item whose pull request was tried as often as there are attempts, in vain. */
  async function givenUp(pipeline = "reviewed"): Promise<RunningFleet> {
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline } },
      file: {
        pipelines: {
          ...REVIEWED.file.pipelines,
          people: [
            { stage: "development", agent: "developer", gate: "tests-local" },
            { stage: "review", gate: "review-approved" },
          ],
        },
      },
      agents: { reviewer: APPROVED },
    });
    fleet.gitea.failNext(ATTEMPTS, 503, {}, OPENING);
    fleet.assignedIssue({ number: 7 });
    const { id, version } = await fleet.untilItem(7, ({ stage }) => stage === "review");
    const job = () => openingJob(fleet, id, version);
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      const made = async () => (await job())?.attemptsMade;
      await expect.poll(made, { timeout: 30_000 }).toBe(attempt);
      // What waits hours in life is due now.
      await expect.poll(async () => (await job())?.isDelayed(), { timeout: 30_000 }).toBe(true);
      await (await job())?.promote();
    }
    await expect.poll(async () => (await job())?.isFailed(), { timeout: 30_000 }).toBe(true);
    await fleet.untilQuiet();
    return fleet;
  }

  it.each(["reviewed", "people"])(
    "is told to people once, and a /retry goes on (pipeline %s)",
    async (pipeline) => {
      const fleet = await givenUp(pipeline);
      const item = await fleet.untilItem(7, () => true);
      expect(item).toMatchObject({ stage: "review", status: "failed" });
      expect(item.reason).toContain("No pull request could be opened. Gitea");
      const told = fleet.said(7).filter((text) => text.includes("no pull request could be opened"));
      expect(told).toEqual([expect.stringContaining("503")]);
      expect(statusComments(fleet)[0]).toContain("No pull request could be opened");
      expect(fleet.started).toHaveLength(1);
      expect(await heldSlots(fleet)).toBe(0);

      fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
      if (pipeline === "reviewed") await fleet.untilItem(7, ({ status }) => status === "done");
      else await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
      expect(fleet.gitea.pullRequests(REPO)).toHaveLength(1);
    },
  );

  it("goes on by a retry in the board, too, behind what else it waits for by then", async () => {
    const fleet = await givenUp();
    const { id, version } = await fleet.untilItem(7, () => true);
    fleet.gitea.addIssue({ repo: REPO, number: 5, title: "Blocker", author: APPROVER });
    fleet.gitea.edit(REPO, 7, { body: "- Blocked by: #5\n" });
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    await (await openingJob(fleet, id, version))?.retry();
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(1);
    fleet.gitea.close(REPO, 5);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.gitea.pullRequests(REPO)).toHaveLength(1);
    expect(fleet.started.map(({ role }) => role)).toEqual(["developer", "reviewer"]);
  });
});

function openingJob({ store }: RunningFleet, item: string, version: number) {
  const id = notificationJobId(jobIds.pullRequest(item, version));
  return store.queues.get("notifications").getJob(id);
}

function heldSlots({ store }: RunningFleet): Promise<number> {
  return store.redis.zcard(slotKeys(store.prefix).leases);
}
