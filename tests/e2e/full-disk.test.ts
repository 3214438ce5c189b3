import { describe, expect, it, onTestFinished } from "vitest";
import { drain } from "../../src/cli/wiring/lifecycle.js";
import { startWorkers } from "../../src/cli/wiring/workers.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { type RunningFleet, runFleet } from "../support/running-fleet.js";

/** Workers on a host without room. */
async function startWithoutRoom(fleet: RunningFleet, kind: "agent" | "stage"): Promise<void> {
  const { config } = fleet.parts;
  const settings = { ...config.settings, freeDiskBytes: Number.MAX_SAFE_INTEGER };
  const workers = await startWorkers(kind, { ...fleet.parts, config: { ...config, settings } });
  onTestFinished(async () => {
    for (const worker of workers) worker.abort("the test is over");
    await drain(workers, 1_000, silentLogger());
  });
}

describe("a worker whose disk is full", () => {
  it("starts no agent, spends nothing, and says why on the item", async () => {
    const fleet = await runFleet({ workers: ["parser", "stage", "notifier"] });
    await startWithoutRoom(fleet, "agent");
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ run }) => run?.ending === "transient");
    expect(item).toMatchObject({ status: "waiting", developerRuns: 0 });
    expect(item.reason).toContain("limits.freeDiskBytes");
    expect(fleet.started).toHaveLength(0);
    expect(await fleet.remote.ref(`refs/heads/${item.branch}`)).toBeNull();
  });

  it("judges no commit, and says on the item what its gate waits for", async () => {
    const fleet = await runFleet({ workers: ["parser", "agent", "notifier"] });
    await startWithoutRoom(fleet, "stage");
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ reason }) => reason.startsWith("The gate waits: "));
    expect(item.reason).toContain("limits.freeDiskBytes");
    expect(item).toMatchObject({ stage: "development", verdicts: {}, developerRuns: 1 });
    const job = await fleet.store.queues.get("gates").getJob("ET-001-v1-gate-run");
    await expect.poll(() => job?.isDelayed(), { timeout: 20_000 }).toBe(true);
    expect(await job?.isFailed()).toBe(false);
  });
});
