import { describe, expect, it } from "vitest";
import type { Origin } from "../../src/demo/gitea-bodies.js";
import { giteaBranchDeleted, giteaPush } from "../../src/demo/gitea-deliveries.js";
import { type Agents, untilStopped } from "../support/agents.js";
import {
  APPROVER,
  GITEA_SECRET,
  REPO,
  type RunningFleet,
  runFleet,
} from "../support/running-fleet.js";
import { post, request, signed } from "../support/signed-request.js";

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

interface InReview extends RunningFleet {
  readonly branch: string;
  readonly pull: number;
}

/** An item in review with its pull request; the reviewer leaves no verdict unless said. */
async function inReview(agents: Agents = {}): Promise<InReview> {
  const fleet = await runFleet({
    ...REVIEWED,
    agents: { reviewer: async () => undefined, ...agents },
  });
  fleet.assignedIssue({ number: 7 });
  await fleet.untilStarted(2);
  const { branch } = await fleet.untilItem(
    7,
    ({ stage, status }) =>
      stage === "review" && status === (agents.reviewer ? "running" : "needs-input"),
  );
  if (agents.reviewer === undefined) await fleet.untilQuiet();
  const [pull] = fleet.gitea.pullRequests(REPO);
  if (pull === undefined) throw new Error("no pull request was opened");
  return { ...fleet, branch, pull: pull.number };
}

async function quiet(fleet: RunningFleet): Promise<void> {
  await fleet.gitea.settled();
  await fleet.untilQuiet();
}

function timesSaid(fleet: RunningFleet, words: string): number {
  return fleet.said(7).filter((text) => text.includes(words)).length;
}

async function personDeletes(fleet: InReview): Promise<void> {
  await fleet.remote.git("update-ref", "-d", `refs/heads/${fleet.branch}`);
  fleet.gitea.deleteBranch(REPO, fleet.branch);
}

describe("a pull request that a person merges", () => {
  it.each([
    ["before the issue is closed", true],
    ["after the issue was closed", false],
  ])("%s makes its item done, whatever stages remain", async (_, mergedFirst) => {
    const fleet = await inReview();
    if (mergedFirst) fleet.gitea.mergePullRequest(REPO, fleet.pull);
    else {
      // Gitea merges first, but the closed issue may be told of first.
      const { gitea, receiver } = fleet;
      const pull = gitea.pullRequests(REPO)[0];
      gitea.setHook(null);
      gitea.mergePullRequest(REPO, fleet.pull);
      gitea.setHook({ url: `${receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
      expect(pull?.merged).toBe(false);
    }
    if (mergedFirst) await quiet(fleet);
    fleet.gitea.close(REPO, 7);
    await quiet(fleet);
    if (!mergedFirst) {
      fleet.gitea.mergePullRequest(REPO, fleet.pull);
      await quiet(fleet);
    }
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "done",
      status: "done",
      reason: `Pull request #${fleet.pull} was merged.`,
    });
    expect(timesSaid(fleet, "ET-001 is done.")).toBe(1);
    expect(fleet.started.map(({ role }) => role)).toEqual(["developer", "reviewer"]);
  });

  it("while an agent works stops that agent", async () => {
    const fleet = await inReview({ reviewer: untilStopped });
    fleet.gitea.mergePullRequest(REPO, fleet.pull);
    await fleet.untilItem(7, ({ status }) => status === "done");
    await quiet(fleet);
    expect((await fleet.store.items.runs("ET-001")).map(({ ending }) => ending)).toEqual([
      "succeeded",
      "superseded",
    ]);
  });

  it.each(["before", "after"])(
    "and whose branch is deleted %s that is heard, too",
    async (when) => {
      const fleet = await inReview();
      const merge = () => fleet.gitea.mergePullRequest(REPO, fleet.pull);
      if (when === "after") {
        merge();
        await quiet(fleet);
      } else {
        fleet.gitea.setHook(null);
        merge();
        fleet.gitea.setHook({
          url: `${fleet.receiver.url}/webhook/gitea`,
          secret: GITEA_SECRET,
        });
      }
      await personDeletes(fleet);
      await quiet(fleet);
      expect((await fleet.untilItem(7, () => true)).status).toBe("done");
      expect(timesSaid(fleet, "blocked")).toBe(0);
    },
  );
});

describe("a pull request that a person closes", () => {
  it("makes its item stand still, once, and open again it goes on", async () => {
    const fleet = await inReview();
    fleet.gitea.closePullRequest(REPO, fleet.pull);
    await quiet(fleet);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "review",
      status: "needs-input",
      reason: `Pull request #${fleet.pull} was closed without being merged.`,
    });
    expect(timesSaid(fleet, "stands still")).toBe(1);
    fleet.gitea.closePullRequest(REPO, fleet.pull);
    await quiet(fleet);
    expect(timesSaid(fleet, "stands still")).toBe(1);

    // Nothing moves it meanwhile, not even a verdict that a person commits.
    const review = "docs/work-items/ET-001/12-review.md";
    const head = await fleet.remote.commit(fleet.branch, { [review]: "verdict: APPROVED\n" });
    fleet.gitea.setBranch(REPO, fleet.branch, head);
    await quiet(fleet);
    expect((await fleet.untilItem(7, () => true)).stage).toBe("review");
    expect(fleet.started).toHaveLength(2);

    fleet.gitea.reopenPullRequest(REPO, fleet.pull);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started.map(({ role }) => role)).toEqual(["developer", "reviewer", "tester"]);
  });

  it("stops the agent at work, which starts again once it is open", async () => {
    let stopped = 0;
    const fleet = await inReview({
      reviewer: async (context, signal) => {
        if (stopped > 0) return undefined;
        const ending = await untilStopped(context, signal);
        stopped += 1;
        return ending;
      },
    });
    fleet.gitea.closePullRequest(REPO, fleet.pull);
    await fleet.untilItem(7, ({ status }) => status === "needs-input");
    await quiet(fleet);
    expect(stopped).toBe(1);
    expect(fleet.started).toHaveLength(2);
    fleet.gitea.reopenPullRequest(REPO, fleet.pull);
    await fleet.untilStarted(3);
    expect(fleet.started[2]?.role).toBe("reviewer");
  });

  it("goes on by an approver's /retry as well", async () => {
    const fleet = await inReview();
    fleet.gitea.closePullRequest(REPO, fleet.pull);
    await quiet(fleet);
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    await fleet.untilStarted(3);
    expect(fleet.started[2]?.role).toBe("reviewer");
  });

  it("changes nothing where another of the branch is open", async () => {
    const fleet = await inReview();
    const head = await fleet.remote.ref(`refs/heads/${fleet.branch}`);
    fleet.gitea.addPullRequest({ repo: REPO, head: fleet.branch, headSha: head ?? "" });
    fleet.gitea.closePullRequest(REPO, fleet.pull);
    await quiet(fleet);
    expect(timesSaid(fleet, "stands still")).toBe(0);
  });
});

describe("a branch that somebody deletes", () => {
  it("blocks its item until a /retry makes it again from the base", async () => {
    const fleet = await inReview();
    await personDeletes(fleet);
    await quiet(fleet);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "review",
      status: "blocked",
      reason: `Branch ${fleet.branch} was deleted.`,
      head: null,
    });
    // Its pull request was closed with it, and told of first: people read one comment, not two.
    expect(fleet.gitea.pullRequests(REPO).map(({ open }) => open)).toEqual([false]);
    expect(timesSaid(fleet, "deleted its branch")).toBe(1);
    expect(timesSaid(fleet, "stands still")).toBe(0);
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/rollback development");
    await fleet.untilItem(7, ({ status, head }) => status === "needs-input" && head !== null);
    await quiet(fleet);
    expect(fleet.started.map(({ role }) => role)).toEqual([
      "developer",
      "reviewer",
      "developer",
      "reviewer",
    ]);
    const files = await fleet.remote.files(fleet.branch);
    expect(files).toContain("docs/work-items/ET-001/00-task.md");
    expect(files).toContain("src/ET-001-2.txt");
    expect(files).not.toContain("src/ET-001-1.txt");
  });

  it.each([
    ["as the deletion of a branch", giteaBranchDeleted],
    [
      "as a push of no commit",
      (origin: Origin, branch: string) =>
        giteaPush(origin, { branch, before: "a".repeat(40), after: "0".repeat(40) }),
    ],
  ])("and that is there again is not lost when it is told of late, %s", async (_, told) => {
    const fleet = await inReview();
    const item = await fleet.untilItem(7, () => true);
    const origin = { url: fleet.gitea.url, repo: REPO, sender: APPROVER };
    const { headers, body } = told(origin, fleet.branch);
    await post(fleet.receiver.url, signed(request("gitea", headers, body), GITEA_SECRET));
    await quiet(fleet);
    const { status, head, version } = await fleet.untilItem(7, () => true);
    expect({ status, head, version }).toEqual({
      status: "needs-input",
      head: item.head,
      version: item.version,
    });
    expect(timesSaid(fleet, "deleted its branch")).toBe(0);
  });

  it("stops the agent at work, and nothing of it is pushed", async () => {
    let tries = 0;
    const fleet = await runFleet({
      agents: {
        developer: async (context, signal) => {
          tries += 1;
          return tries === 1 ? untilStopped(context, signal) : undefined;
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(1);
    const { branch } = await fleet.untilItem(7, ({ status }) => status === "running");
    await fleet.remote.git("update-ref", "-d", `refs/heads/${branch}`);
    fleet.gitea.deleteBranch(REPO, branch);
    await fleet.untilItem(7, ({ status }) => status === "blocked");
    await quiet(fleet);
    expect(await fleet.remote.ref(`refs/heads/${branch}`)).toBeNull();
    expect(await fleet.store.items.runs("ET-001")).toMatchObject([{ ending: "cancelled" }]);
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    const done = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(done.developerRuns).toBe(1);
    expect(await fleet.remote.ref(`refs/heads/${branch}`)).not.toBeNull();
  });
});
