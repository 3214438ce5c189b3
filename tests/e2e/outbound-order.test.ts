import { describe, expect, it, onTestFinished } from "vitest";
import { notifierDeps, workerContext } from "../../src/cli/wiring/fleet.js";
import { startNotifier } from "../../src/cli/wiring/notifier.js";
import { runPlaneFleet } from "../support/plane-fleet.js";
import { BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const PIPELINE = {
  pipelines: {
    short: [
      { stage: "analysis", agent: "analyst", gate: "analysis-approved" },
      { stage: "development", agent: "developer", gate: "tests-local" },
    ],
  },
};

describe("an item's state on Plane's board", () => {
  it("ends where its last transition left it, though an earlier state was held up", async () => {
    const { fleet, plane, fileItem } = await runPlaneFleet({
      projects: { [REPO]: { pipeline: "short" } },
      file: PIPELINE,
    });
    const shown: string[] = [];
    const stop = plane.onState(({ state }) => shown.push(state.name));
    onTestFinished(stop);
    plane.failNext(1, 429, { "retry-after": "3" }, /^PATCH/);
    const id = fileItem();
    await fleet.untilItem("ET-001", ({ status }) => status === "awaiting-approval");
    await expect.poll(() => plane.stateOf(id), { timeout: 50_000 }).toBe("In Review");
    await fleet.untilQuiet();
    expect(plane.stateOf(id)).toBe("In Review");
    expect(shown.slice(shown.indexOf("In Review"))).not.toContain("In Progress");
  });

  it("names the states that exist when the one asked for doesn't, and stops nobody", async () => {
    const { fleet, plane, fileItem, said } = await runPlaneFleet({ states: { Done: "Finished" } });
    const id = fileItem();
    await fleet.untilItem("ET-001", ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(said(id)).toEqual([expect.stringContaining("is done")]);
    expect(plane.stateOf(id)).not.toBe("Done");
    const failed = await fleet.store.queues.get("notifications").getFailed();
    expect(failed.map((job) => job.failedReason)).toContainEqual(
      expect.stringMatching(/Finished.*In Progress.*Done/),
    );
  });
});

function statusComments(fleet: RunningFleet) {
  return fleet.gitea
    .comments(REPO, 7)
    .filter(({ author, body }) => author === BOT && body.includes("stagecoach:status:"));
}

/** Notifiers of other processes on the same Redis, who know where the pages are. */
function moreNotifiers(fleet: RunningFleet, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const deps = notifierDeps(fleet.parts, fleet.receiver.url);
    for (const worker of startNotifier(workerContext(fleet.parts), deps)) {
      onTestFinished(() => worker.drain());
    }
  }
}

describe("the status comment", () => {
  it("is one, though many notifiers write it, and links the item's page", async () => {
    const fleet = await runFleet({
      workers: ["parser", "stage", "agent"],
      projects: { [REPO]: { pipeline: "full" } },
    });
    moreNotifiers(fleet, 4);
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await fleet.untilQuiet();
    const status = statusComments(fleet);
    expect(status).toHaveLength(1);
    expect(status[0]?.body).toContain("**Awaiting approval**");
    expect(status[0]?.body).toContain(`${fleet.receiver.url}/items/${item.id}`);
  });

  it("is found again by notifiers that start later, and edited", async () => {
    const fleet = await runFleet({ workers: ["parser", "stage", "agent"] });
    const [first] = startNotifier(workerContext(fleet.parts), notifierDeps(fleet.parts, null));
    fleet.assignedIssue({ number: 7 });
    await expect.poll(() => statusComments(fleet).length, { timeout: 50_000 }).toBe(1);
    await first?.drain();
    const [before] = statusComments(fleet);
    await fleet.untilItem(7, ({ status }) => status === "done");
    moreNotifiers(fleet, 2);
    await fleet.untilQuiet();
    const after = statusComments(fleet);
    expect(after).toMatchObject([{ id: before?.id }]);
    expect(after[0]?.body).toContain("**Done**");
  });

  it("is written anew when somebody deleted it", async () => {
    const fleet = await runFleet({ file: PIPELINE, projects: { [REPO]: { pipeline: "short" } } });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await fleet.untilQuiet();
    const [before] = statusComments(fleet);
    fleet.gitea.deleteComment(before?.id ?? 0);
    fleet.gitea.humanComment(REPO, 7, "alice", ":approved:");
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    const after = statusComments(fleet);
    expect(after).toHaveLength(1);
    expect(after[0]?.id).not.toBe(before?.id);
    expect(after[0]?.body).toContain("**Done**");
  });
});
