import { describe, expect, it } from "vitest";
import { issueComment } from "../../src/demo/gitea-deliveries.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import {
  APPROVER,
  GITEA_SECRET,
  REPO,
  type RunningFleet,
  runFleet,
  STRANGER,
} from "../support/running-fleet.js";
import { post, redelivered, request, signed } from "../support/signed-request.js";

const PIPELINE = {
  projects: { [REPO]: { pipeline: "short" } },
  file: {
    pipelines: {
      short: [
        { stage: "analysis", agent: "analyst", gate: "analysis-approved" },
        { stage: "development", agent: "developer", gate: "tests-local" },
      ],
    },
  },
} as const;

async function awaitingApproval(): Promise<RunningFleet & { readonly item: WorkItem }> {
  const fleet = await runFleet(PIPELINE);
  fleet.assignedIssue({ number: 7 });
  const item = await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
  await fleet.untilQuiet();
  return { ...fleet, item };
}

/** How many of the bot's comments hold these words. */
function saidTimes(fleet: RunningFleet, words: string): number {
  return fleet.said(7).filter((text) => text.includes(words)).length;
}

describe("an approval", () => {
  it("by a stranger is refused, and by an approver lets the item go on", async () => {
    const fleet = await awaitingApproval();
    fleet.gitea.humanComment(REPO, 7, STRANGER, ":approved:");
    await fleet.untilItem(7, ({ heard }) => heard.length === 1);
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "analysis",
      status: "awaiting-approval",
      approval: null,
    });
    expect(saidTimes(fleet, "only an approver")).toBe(1);

    fleet.gitea.humanComment(REPO, 7, APPROVER, ":approved:");
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    const history = await fleet.store.items.history(item.id);
    const command = history.find(({ kind }) => kind === "command");
    expect(command).toMatchObject({ reason: "/approve by alice", commit: fleet.item.head });
  });

  it("of a commit that is no longer the head is refused, and asked for anew", async () => {
    const fleet = await awaitingApproval();
    const head = await fleet.remote.commit(fleet.item.branch, { "notes.md": "by the way\n" });
    fleet.gitea.humanComment(REPO, 7, APPROVER, ":approved:");
    await fleet.untilItem(7, ({ approvalRequested }) => approvalRequested === head);
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "analysis",
      status: "awaiting-approval",
    });
    expect(saidTimes(fleet, head)).toBe(1);

    fleet.gitea.humanComment(REPO, 7, APPROVER, ":approved:");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("of a named commit binds to that one alone", async () => {
    const fleet = await awaitingApproval();
    fleet.gitea.humanComment(REPO, 7, APPROVER, `/approve ${"ab".repeat(20)}`);
    await fleet.untilItem(7, ({ heard }) => heard.length === 1);
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ stage: "analysis" });
    fleet.gitea.humanComment(REPO, 7, APPROVER, `/approve ${fleet.item.head?.slice(0, 10)}`);
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("acts once, however often its comment is delivered", async () => {
    const fleet = await awaitingApproval();
    const comment = fleet.gitea.humanComment(REPO, 7, APPROVER, "/reject too long");
    await fleet.untilItem(7, ({ version, status }) => version === 2 && status !== "waiting");
    await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(2);

    // A replay whose body differs in what nobody signs off: its fingerprint is new.
    const issue = fleet.gitea.issues.find(({ number }) => number === 7);
    if (issue === undefined) throw new Error("the double lost its issue");
    const origin = { url: fleet.gitea.url, repo: REPO, sender: APPROVER };
    const body = { id: comment.id, author: APPROVER, body: comment.body, at: comment.createdAt };
    const delivery = issueComment(origin, { ...issue, title: "Renamed" }, body);
    const replay = signed(request("gitea", delivery.headers, delivery.body), GITEA_SECRET);
    const answer = await post(fleet.receiver.url, redelivered(replay, "again"));
    expect(answer.body).toMatchObject({ status: "accepted" });
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(2);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ version: 2 });
  });
});
