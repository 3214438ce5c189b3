import { describe, expect, it } from "vitest";
import { APPROVER, REPO, runFleet } from "../support/running-fleet.js";

describe("a work item's way", () => {
  it("goes from assignment through all seven stages to done, asking for one approval", async () => {
    const fleet = await runFleet({ projects: { [REPO]: { pipeline: "full" } } });
    fleet.assignedIssue({ number: 161, title: "Count frames" });
    await fleet.untilItem(161, (item) => item.status === "awaiting-approval");
    fleet.gitea.humanComment(REPO, 161, APPROVER, ":approved:");
    const item = await fleet.untilItem(161, ({ status }) => status === "done");
    expect(fleet.started.map(({ role }) => role)).toEqual([
      "analyst",
      "architect",
      "developer",
      "reviewer",
      "tester",
    ]);
    await fleet.untilQuiet();
    const history = await fleet.store.items.history(item.id);
    expect(history.filter((entry) => entry.kind === "transition").map(({ to }) => to)).toEqual([
      "architecture",
      "development",
      "review",
      "testing",
      "deploy",
      "done",
    ]);
    expect(fleet.gitea.pullRequests(REPO)).toHaveLength(1);
  });
});
