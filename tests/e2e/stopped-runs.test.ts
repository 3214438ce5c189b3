import { describe, expect, it } from "vitest";
import type { RunReport } from "../../src/domain/run.js";
import type { Agent } from "../support/agents.js";
import { BOT, REPO, runFleet } from "../support/running-fleet.js";

const REPORT: RunReport = { usage: { inputTokens: 100, outputTokens: 10 }, costUsd: 0.5 };

/** An agent of the first item that hears that it is to stop and takes its time. */
function stubborn() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let hear = () => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const agent: Agent = async ({ item }, signal) => {
    if (item !== "ET-001") return undefined;
    signal.addEventListener("abort", hear, { once: true });
    await released;
    return { kind: "cancelled", report: REPORT };
  };
  return { agent, heard, release };
}

describe("a run whose item was cancelled", () => {
  it("keeps its slot until its agent has ended, and what it used counts once", async () => {
    const { agent, heard, release } = stubborn();
    const fleet = await runFleet({
      projects: { [REPO]: { maxConcurrentRuns: 1 } },
      agents: { developer: agent },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 8 });
    await fleet.untilItem(8, ({ status }) => status === "waiting");
    fleet.gitea.unassign(REPO, 7, BOT);
    await heard;
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    expect(fleet.started).toHaveLength(1);

    release();
    await fleet.untilItem(8, ({ status }) => status === "done");
    await fleet.untilQuiet();
    const item = await fleet.store.items.find("ET-001");
    expect(item).toMatchObject({
      status: "cancelled",
      usage: REPORT.usage,
      costUsd: 0.5,
      developerRuns: 0,
    });
    const [run, ...others] = await fleet.store.items.runs("ET-001");
    expect(others).toEqual([]);
    expect(run).toMatchObject({ ending: "cancelled", usage: REPORT.usage, costUsd: 0.5 });
    const cancelledAt = fleet.transitions.find(({ item: { status } }) => status === "cancelled");
    expect(run?.finishedAt?.localeCompare(cancelledAt?.item.updatedAt ?? "")).toBe(1);
  });
});
