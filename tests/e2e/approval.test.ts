import { describe, expect, it } from "vitest";
import { issueComment } from "../../src/demo/gitea-deliveries.js";
import { APPROVER, GITEA_SECRET, REPO, runFleet } from "../support/running-fleet.js";
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

describe("a comment", () => {
  it("acts once, however often it is delivered (I10)", async () => {
    const fleet = await runFleet(PIPELINE);
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await fleet.untilQuiet();
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
