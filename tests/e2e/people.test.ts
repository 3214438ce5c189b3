import { describe, expect, it } from "vitest";
import { leavingNothing, untilStopped } from "../support/agents.js";
import {
  APPROVER,
  BOT,
  REPO,
  type RunningFleet,
  runFleet,
  STRANGER,
} from "../support/running-fleet.js";

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
  // Leaves no verdict: the item stays in review and waits for a person.
  agents: { reviewer: leavingNothing },
} as const;

/** An item that stays in review until somebody says how it goes on. */
async function stuckInReview(): Promise<RunningFleet> {
  const fleet = await runFleet(REVIEWED);
  fleet.assignedIssue({ number: 7 });
  await fleet.untilItem(7, ({ status }) => status === "needs-input");
  await fleet.untilQuiet();
  return fleet;
}

/** Somebody comments on an issue or pull request; returns the signs the comment then bears. */
async function says(
  fleet: RunningFleet,
  text: string,
  author = APPROVER,
  number = 7,
): Promise<readonly string[]> {
  const { id } = fleet.gitea.humanComment(REPO, number, author, text);
  await fleet.gitea.settled();
  await fleet.untilQuiet();
  return fleet.gitea.reactions(id);
}

/** The bot's words since `before` of them were said. */
function saidSince(fleet: RunningFleet, before: number, number = 7): string {
  return fleet.said(number).slice(before).join("\n");
}

describe("a command", () => {
  it.each([
    ["an unknown one", "/frobnicate", "-1", "/rollback [stage]"],
    ["a misused one", "/unblock soon", "-1", "/unblock #<number>"],
    ["one for an edge that isn't there", "/unblock #99", "-1", "does not wait for #99"],
    ["one for the budget", "/budget +5", "+1", "No budget limits ET-001"],
    ["one that asks for the status", "/status", "+1", "ET-001 is in review, needs-input"],
    ["a rollback to where it is", "/rollback review", "-1", "is in review already"],
    ["a rollback to a stage it lacks", "/rollback analysis", "-1", "Its stages: development"],
    ["a rollback to no stage at all", "/rollback lunch", "-1", "is written `/rollback"],
  ])("is answered by a sign and in words: %s", async (_, text, sign, words) => {
    const fleet = await stuckInReview();
    const before = fleet.said(7).length;
    const item = await fleet.untilItem(7, () => true);
    expect(await says(fleet, text)).toEqual([sign]);
    expect(saidSince(fleet, before)).toContain(words);
    expect(fleet.said(7)).toHaveLength(before + 1);
    const { heard: _heard, updatedAt: _at, ...same } = item;
    expect(await fleet.untilItem(7, () => true)).toMatchObject(same);
  });

  it("of a stranger is refused politely, and changes nothing", async () => {
    const fleet = await stuckInReview();
    const { version } = await fleet.untilItem(7, () => true);
    const commands = ["/approve", "/reject no", "/retry", "/cancel", "/status", "/rollback"];
    for (const text of [...commands, "/unblock #1", "/frobnicate"]) {
      const before = fleet.said(7).length;
      expect(await says(fleet, text, STRANGER), text).toEqual(["-1"]);
      expect(saidSince(fleet, before)).toContain("only an approver can command ET-001");
    }
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      version,
      stage: "review",
      status: "needs-input",
    });
  });

  it("that is obeyed bears a sign, and needs no words", async () => {
    const fleet = await stuckInReview();
    expect(await says(fleet, "/retry")).toEqual(["+1"]);
    expect(fleet.started.map(({ role }) => role)).toEqual(["developer", "reviewer", "reviewer"]);
  });

  it("in a quote or in code is not heard", async () => {
    const fleet = await stuckInReview();
    const before = fleet.said(7).length;
    expect(await says(fleet, "> /cancel\n\nWhat is this?")).toEqual([]);
    expect(await says(fleet, "```\n/cancel\n```")).toEqual([]);
    expect(await says(fleet, "Hello.\n/cancel")).toEqual([]);
    expect(fleet.said(7)).toHaveLength(before);
    expect((await fleet.untilItem(7, () => true)).status).toBe("needs-input");
  });

  it("that is written into a comment later is not heard", async () => {
    const fleet = await stuckInReview();
    const { id } = fleet.gitea.humanComment(REPO, 7, APPROVER, "Looks good.");
    await fleet.gitea.settled();
    fleet.gitea.editComment(id, "/cancel", APPROVER);
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(fleet.gitea.reactions(id)).toEqual([]);
    expect((await fleet.untilItem(7, () => true)).status).toBe("needs-input");
  });

  it("in a comment of the bot itself is not heard", async () => {
    const fleet = await stuckInReview();
    expect(await says(fleet, "/cancel", BOT)).toEqual([]);
    expect((await fleet.untilItem(7, () => true)).status).toBe("needs-input");
  });
});

describe("the item's pull request", () => {
  async function withPullRequest(): Promise<RunningFleet & { readonly pull: number }> {
    const fleet = await stuckInReview();
    const [pull] = fleet.gitea.pullRequests(REPO);
    if (pull === undefined) throw new Error("no pull request was opened");
    return { ...fleet, pull: pull.number };
  }

  it("is a place for commands, answered there", async () => {
    const fleet = await withPullRequest();
    expect(await says(fleet, "/status", APPROVER, fleet.pull)).toEqual(["+1"]);
    expect(saidSince(fleet, 0, fleet.pull)).toContain("ET-001 is in review");
    expect(await says(fleet, "/cancel", STRANGER, fleet.pull)).toEqual(["-1"]);
    expect(await says(fleet, "/rollback", APPROVER, fleet.pull)).toEqual(["+1"]);
    expect(fleet.started.map(({ role }) => role)).toEqual([
      "developer",
      "reviewer",
      "developer",
      "reviewer",
    ]);
  });

  it("hears no chatter, and no command of another's pull request", async () => {
    const fleet = await withPullRequest();
    const other = fleet.gitea.addPullRequest({
      repo: REPO,
      head: "somebody/else",
      headSha: "c".repeat(40),
    });
    const fork = fleet.gitea.addPullRequest({
      repo: REPO,
      head: (await fleet.untilItem(7, () => true)).branch,
      headSha: "d".repeat(40),
      fork: "mallory/rocket",
    });
    expect(await says(fleet, "Nice.", APPROVER, fleet.pull)).toEqual([]);
    expect(await says(fleet, "/cancel", APPROVER, other.number)).toEqual([]);
    expect(await says(fleet, "/cancel", APPROVER, fork.number)).toEqual([]);
    expect((await fleet.untilItem(7, () => true)).status).toBe("needs-input");
  });
});

describe("/rollback", () => {
  it("stops who works and lets the previous stage's agent work again", async () => {
    const fleet = await runFleet({ ...REVIEWED, agents: { reviewer: untilStopped } });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(2);
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/rollback");
    await fleet.untilStarted(3);
    expect(fleet.started[2]).toMatchObject({ role: "developer", round: 2 });
    expect(fleet.started[2]?.prompt).toContain("alice took it back from review to development");
    await fleet.untilStarted(4);
    expect(fleet.said(7).filter((text) => text.includes("goes back to development"))).toHaveLength(
      1,
    );
  });

  it("past the cap blocks the item until a /retry", async () => {
    const file = { ...REVIEWED.file, limits: { developerRuns: 1 } };
    const fleet = await runFleet({ ...REVIEWED, file });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "needs-input");
    await fleet.untilQuiet();
    expect(await says(fleet, "/rollback")).toEqual(["+1"]);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "development",
      status: "blocked",
    });
    expect(fleet.started).toHaveLength(2);
    expect(await says(fleet, "/retry")).toEqual(["+1"]);
    expect((await fleet.untilItem(7, () => true)).developerRuns).toBe(2);
  });
});

describe("/unblock", () => {
  it("takes the edge away for good, and the item goes on", async () => {
    const fleet = await runFleet();
    fleet.gitea.addIssue({ repo: REPO, number: 5, title: "Never done", author: APPROVER });
    fleet.gitea.addIssue({ repo: REPO, number: 6, title: "Nor this", author: APPROVER });
    fleet.assignedIssue({ number: 7, body: "- Blocked by: #5, #6\n" });
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    await fleet.untilQuiet();
    expect(await says(fleet, "/unblock #5", STRANGER)).toEqual(["-1"]);
    expect(await says(fleet, "/unblock #5")).toEqual(["+1"]);
    expect(await says(fleet, "/unblock #5")).toEqual(["-1"]);
    expect(await fleet.store.items.waitingOn("ET-001")).toEqual(["gitea:acme/rocket#6"]);
    expect(fleet.started).toEqual([]);

    // The same text is read again, and says the same.
    fleet.gitea.edit(REPO, 7, { title: "Renamed" });
    await fleet.untilItem(7, ({ title }) => title === "Renamed");
    expect(await fleet.store.items.waitingOn("ET-001")).toEqual(["gitea:acme/rocket#6"]);

    expect(await says(fleet, "/unblock 6")).toEqual(["+1"]);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started).toHaveLength(1);
  });
});

describe("chatter", () => {
  const ANALYSED = {
    projects: { [REPO]: { pipeline: "analysed" } },
    file: {
      pipelines: { analysed: [{ stage: "analysis", agent: "analyst", gate: "analysis-approved" }] },
    },
  } as const;

  it("answers nothing where the analyst has asked nothing", async () => {
    const fleet = await runFleet({ ...ANALYSED, agents: { analyst: leavingNothing } });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "needs-input");
    await fleet.untilQuiet();
    expect(item.questionsOpen).toBe(false);
    expect(await says(fleet, "@stagecoach-bot what is going on?")).toEqual([]);
    expect(fleet.started).toHaveLength(1);
  });
});
