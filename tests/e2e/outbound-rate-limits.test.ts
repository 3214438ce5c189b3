import { describe, expect, it } from "vitest";
import { runPlaneFleet } from "../support/plane-fleet.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const PATIENCE = { timeout: 50_000, interval: 20 };

/** Some job was told to wait several times, and none of it counts as an attempt that failed. */
async function untilPutOff(fleet: RunningFleet): Promise<void> {
  const queue = fleet.store.queues.get("notifications");
  const putOff = async () => {
    const delayed = await queue.getDelayed();
    return delayed.filter((job) => job.attemptsStarted >= 3).map((job) => job.attemptsMade);
  };
  await expect.poll(putOff, PATIENCE).toContain(0);
}

async function attempts(fleet: RunningFleet): Promise<readonly number[]> {
  const jobs = await fleet.store.queues.get("notifications").getCompleted();
  return [...new Set(jobs.map((job) => job.attemptsMade))];
}

async function failures(fleet: RunningFleet): Promise<number> {
  return (await fleet.store.queues.get("notifications").getFailed()).length;
}

describe("a tracker's rate limit", () => {
  it("puts off what is told to Gitea until the time it names, and spends no attempt", async () => {
    const fleet = await runFleet({
      workers: ["parser", "stage", "agent"],
      file: { onDone: { merge: true, closeIssue: true } },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ stage }) => stage === "done");
    fleet.gitea.rateLimit(1);
    await fleet.start("notifier");
    await untilPutOff(fleet);
    expect(fleet.gitea.comments(REPO, 7)).toEqual([]);
    fleet.gitea.rateLimit(null);
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(fleet.said(7)).toEqual([expect.stringContaining("is done")]);
    expect(fleet.gitea.comments(REPO, 7)).toHaveLength(2);
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([{ merged: true }]);
    expect(await attempts(fleet)).toEqual([1]);
    expect(await failures(fleet)).toBe(0);
  });

  it("puts off what is told to Plane until its limit is reset, and spends no attempt", async () => {
    const { fleet, plane, fileItem, said } = await runPlaneFleet({
      workers: ["parser", "stage", "agent"],
    });
    const id = fileItem();
    await fleet.untilItem("ET-001", ({ stage }) => stage === "done");
    plane.rateLimit(Math.floor(Date.now() / 1_000) + 1);
    await fleet.start("notifier");
    await untilPutOff(fleet);
    expect(plane.comments(id)).toEqual([]);
    plane.rateLimit(null);
    await fleet.untilItem("ET-001", ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(plane.stateOf(id)).toBe("Done");
    expect(said(id)).toEqual([expect.stringContaining("is done")]);
    expect(await attempts(fleet)).toEqual([1]);
    expect(await failures(fleet)).toBe(0);
  });
});

describe("a gate whose forge limits its calls", () => {
  it("is looked at again at the time the forge names, and judges nothing before", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline: "checked" } },
      file: {
        pipelines: { checked: [{ stage: "development", agent: "developer", gate: "ci-green" }] },
        gates: { "ci-green": { contexts: ["build"] } },
      },
    });
    fleet.gitea.failNext(2, 429, { "retry-after": "1" }, /\/statuses/);
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "waiting");
    const waits = await fleet.untilItem(7, ({ reason }) => reason.startsWith("CI is not done"));
    await fleet.untilQuiet();
    const verdicts = (await fleet.store.items.history(item.id)).filter(
      ({ kind }) => kind === "verdict",
    );
    expect(verdicts).toHaveLength(1);
    const gate = await fleet.store.queues
      .get("gates")
      .getJob(`${item.id}-v${waits.version}-gate-run`);
    expect(gate?.attemptsMade).toBe(1);
    expect(fleet.said(7)).toEqual([]);
  });
});
