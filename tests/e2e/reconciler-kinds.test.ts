import { describe, expect, it } from "vitest";
import { createReconciler } from "../../src/cli/wiring/reconciler.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { createMemoryStore } from "../../src/redis/memory-store.js";
import { GOOD, inTurn, leaving, untilStopped } from "../support/agents.js";
import { runPlaneFleet } from "../support/plane-fleet.js";
import { heard, reconcileOnce, recoveredIn } from "../support/reconciling.js";
import {
  APPROVER,
  BOT,
  type FleetOptions,
  REPO,
  type RunningFleet,
  runFleet,
} from "../support/running-fleet.js";

interface Missed {
  readonly what: string;
  readonly given?: FleetOptions;
  /** Where the item stands before nobody listens any more. */
  readonly at: (item: WorkItem) => boolean;
  readonly meanwhile: (fleet: RunningFleet, item: WorkItem) => void | Promise<void>;
  readonly kind: string;
  /** Of the issue's item afterwards, which may be another. */
  readonly after: (item: WorkItem) => boolean;
}

const PIPELINES = {
  asked: [{ stage: "analysis", agent: "analyst", gate: "analysis-approved" }],
  reviewed: [
    { stage: "development", agent: "developer" },
    { stage: "review", gate: "review-approved" },
  ],
  pushed: [
    { stage: "development", agent: "developer" },
    { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
  ],
};
function inPipeline(pipeline: string, given: FleetOptions = {}): FleetOptions {
  return { ...given, file: { pipelines: PIPELINES }, projects: { [REPO]: { pipeline } } };
}
const working: FleetOptions = { agents: { developer: inTurn(untilStopped) } };
const reviewed = inPipeline("reviewed");
const inReview = ({ stage, consumed }: WorkItem) => stage === "review" && consumed.length > 0;

const MISSED: readonly Missed[] = [
  {
    what: "the bot's unassignment",
    given: working,
    at: ({ status }) => status === "running",
    meanwhile: ({ gitea }) => gitea.unassign(REPO, 1, BOT),
    kind: "issue-ended",
    after: ({ status }) => status === "cancelled",
  },
  {
    what: "the deletion of an issue",
    given: working,
    at: ({ status }) => status === "running",
    meanwhile: ({ gitea }) => gitea.remove(REPO, 1),
    kind: "issue-ended",
    after: ({ status }) => status === "cancelled",
  },
  {
    what: "an answer to the analyst's questions",
    given: inPipeline("asked", {
      agents: { analyst: inTurn(leaving({ "01-questions.md": "Which port?\n" }), GOOD.analyst) },
    }),
    at: ({ questionsOpen }) => questionsOpen,
    meanwhile: ({ gitea }) => void gitea.humanComment(REPO, 1, "somebody", "The usual one."),
    kind: "comment",
    after: ({ status }) => status === "awaiting-approval",
  },
  {
    what: "a command on the pull request",
    given: reviewed,
    at: inReview,
    meanwhile: ({ gitea }, { pullRequest }) =>
      void gitea.humanComment(REPO, pullRequest?.number ?? 0, APPROVER, "/cancel"),
    kind: "comment",
    after: ({ status }) => status === "cancelled",
  },
  {
    what: "a review",
    given: reviewed,
    at: inReview,
    meanwhile: async ({ gitea, remote }, { pullRequest, branch }) => {
      const commit = (await remote.ref(`refs/heads/${branch}`)) ?? "";
      const review = { reviewer: APPROVER, state: "APPROVED", commit } as const;
      gitea.review(REPO, pullRequest?.number ?? 0, review);
    },
    kind: "review",
    after: ({ status }) => status === "done",
  },
  {
    what: "the merge of the pull request",
    given: reviewed,
    at: inReview,
    meanwhile: ({ gitea }, { pullRequest }) =>
      gitea.mergePullRequest(REPO, pullRequest?.number ?? 0),
    kind: "pull-request",
    after: ({ status, reason }) => status === "done" && reason.includes("merged"),
  },
  {
    what: "the end of the pull request",
    given: reviewed,
    at: inReview,
    meanwhile: ({ gitea }, { pullRequest }) =>
      gitea.closePullRequest(REPO, pullRequest?.number ?? 0),
    kind: "pull-request",
    after: ({ status }) => status === "needs-input",
  },
  {
    what: "a person's push",
    given: inPipeline("pushed", { agents: { reviewer: async () => undefined } }),
    at: ({ stage, status }) => stage === "review" && status === "needs-input",
    meanwhile: async ({ remote }, { id, branch }) => {
      const verdict = `docs/work-items/${id}/12-review.md`;
      await remote.commit(branch, { [verdict]: "verdict: APPROVED\n" });
    },
    kind: "push",
    after: ({ status }) => status === "done",
  },
  {
    what: "the deletion of the branch",
    given: inPipeline("pushed", { agents: { reviewer: async () => undefined } }),
    at: ({ stage, status }) => stage === "review" && status === "needs-input",
    meanwhile: async ({ remote }, { branch }) => {
      await remote.git("update-ref", "-d", `refs/heads/${branch}`);
    },
    kind: "branch",
    after: ({ status }) => status === "blocked",
  },
];

describe("what no webhook told of", () => {
  it.each(MISSED)("$what takes effect, once", async ({ given = {}, ...row }) => {
    const fleet = await runFleet(given);
    fleet.assignedIssue({ number: 1 });
    const item = await fleet.untilItem(1, row.at);
    const except = { except: [`${item.id}-v${item.version}-run`] };
    await fleet.gitea.settled();
    await fleet.untilQuiet(except);
    fleet.gitea.showHook({ url: `${fleet.receiver.url}/webhook/gitea` });
    fleet.gitea.setHook(null);
    await row.meanwhile(fleet, await fleet.untilItem(item.id, () => true));
    await reconcileOnce(fleet);
    await fleet.untilItem(item.id, row.after);
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({ [row.kind]: 1 });
  });

  it("an issue that was closed, opened again and given a new item", async () => {
    const fleet = await runFleet(working);
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, ({ status }) => status === "running");
    fleet.gitea.close(REPO, 1);
    await fleet.untilItem(1, ({ status }) => status === "cancelled");
    await heard(fleet);
    const sendLate = fleet.gitea.holdDeliveries();
    fleet.gitea.reopen(REPO, 1);
    await reconcileOnceWhileWorking(fleet, "ET-002");
    expect(await recoveredIn(fleet)).toEqual({ "issue-reopened": 1 });
    sendLate();
    await fleet.gitea.settled();
    await fleet.untilQuiet({ except: ["ET-002-v1-run"] });
    expect(await fleet.store.items.find("ET-003")).toBeNull();
  });

  it("isn't invented: chatter, a comment edited to a command, an unassigned issue, an item that a person ended", async () => {
    const fleet = await runFleet(working);
    fleet.gitea.addIssue({ repo: REPO, number: 1, title: "One", author: APPROVER });
    fleet.assignedIssue({ number: 2 });
    await fleet.untilItem(2, ({ status }) => status === "running");
    fleet.gitea.humanComment(REPO, 2, APPROVER, "/cancel");
    await fleet.untilItem(2, ({ status }) => status === "cancelled");
    await heard(fleet);
    fleet.gitea.setHook(null);
    fleet.gitea.showHook(null);
    fleet.gitea.humanComment(REPO, 2, APPROVER, "Thank you.");
    const { id } = fleet.gitea.humanComment(REPO, 2, APPROVER, "Never mind.");
    fleet.gitea.editComment(id, "/retry");
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({});
    expect(await fleet.store.items.find("ET-002")).toBeNull();
  });
});

describe("an issue whose item has ended while the bot is assigned", () => {
  it("isn't started again because somebody else was unassigned", async () => {
    const fleet = await runFleet();
    fleet.assignedIssue({ number: 1 });
    fleet.assignedIssue({ number: 2 });
    fleet.gitea.assign(REPO, 1, APPROVER);
    fleet.gitea.assign(REPO, 2, APPROVER);
    fleet.gitea.unassign(REPO, 1, APPROVER);
    for (const number of [1, 2]) await fleet.untilItem(number, ({ status }) => status === "done");
    await heard(fleet);
    fleet.gitea.unassign(REPO, 2, APPROVER);
    await heard(fleet);
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({});
    expect(await fleet.store.items.find("ET-003")).toBeNull();
  });
});

async function reconcileOnceWhileWorking(fleet: RunningFleet, id: string): Promise<void> {
  await createReconciler(fleet.parts).once();
  await fleet.untilItem(id, ({ status }) => status === "running");
}

function nothing(): never {
  throw new Error("it isn't there");
}

describe("what Plane told nobody of", () => {
  const DESCRIPTION = "<p>Count what the rocket sends, and show it on the page.</p>";

  it("starts what was created since the project is known, and nothing older", async () => {
    const { fleet, plane, fileItem } = await runPlaneFleet();
    plane.setHook(null);
    const old = fileItem("Old");
    const { redis, prefix } = fleet.store;
    const { project, createdAt } = plane.issues.find(({ id }) => id === old) ?? nothing();
    await createMemoryStore(redis, prefix).put(`registered:acme/${project}`, createdAt);
    while (Date.now() <= Date.parse(createdAt)) await new Promise(setImmediate);
    const id = fileItem("New");
    await reconcileOnce(fleet);
    expect(await fleet.store.items.ofIssue(`plane:${project}/${old}`)).toBeNull();
    expect(await fleet.store.items.ofIssue(`plane:${project}/${id}`)).toBe("ET-001");
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({ "issue-started": 1 });
  });

  it("hears an approver by e-mail, follows an edit, and ends what was finished", async () => {
    const approver = "alice@people.example";
    const file = { pipelines: PIPELINES, approvers: [approver] };
    const fleetOf = await runPlaneFleet({ file, projects: { [REPO]: { pipeline: "asked" } } });
    const { fleet, plane, fileItem } = fleetOf;
    const [one, two, three] = [fileItem("One"), fileItem("Two"), fileItem("Three")];
    for (const id of ["ET-001", "ET-002", "ET-003"]) {
      await fleet.untilItem(id, ({ status }) => status === "awaiting-approval");
    }
    await plane.settled();
    await fleet.untilQuiet();
    const sendLate = plane.holdDeliveries();
    plane.humanComment(one ?? "", approver, "<p>:approved:</p>");
    plane.edit(two ?? "", { descriptionHtml: `${DESCRIPTION}<p>Twice.</p>` });
    plane.moveTo(three ?? "", "Cancelled");
    expect(await reconcileOnce(fleet)).toMatchObject({ failed: 0 });
    await fleet.untilItem("ET-001", ({ status }) => status === "done");
    expect(await fleet.store.items.task("ET-002")).toContain("Twice.");
    await fleet.untilItem("ET-003", ({ status }) => status === "cancelled");
    const once = { comment: 1, "issue-edited": 1, "issue-ended": 1 };
    expect(await recoveredIn(fleet)).toEqual(once);
    sendLate();
    await plane.settled();
    await fleet.untilQuiet();
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual(once);
  });
});
