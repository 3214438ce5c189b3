import { describe, expect, it, onTestFinished } from "vitest";
import { startAgent } from "../../src/cli/wiring/agent.js";
import { agentDeps, workerContext } from "../../src/cli/wiring/fleet.js";
import { drain } from "../../src/cli/wiring/lifecycle.js";
import { jobIds } from "../../src/domain/ids.js";
import { EMPTY_REPORT, type RunnerEnding } from "../../src/domain/run.js";
import type { RunDeps } from "../../src/engine/run-deps.js";
import { runStage } from "../../src/engine/run-stage.js";
import { WorkspaceError } from "../../src/engine/workspace.js";
import { type RunningWorker, startWorker } from "../../src/queue/worker.js";
import { type Agent, failing } from "../support/agents.js";
import { type RunningFleet, runFleet } from "../support/running-fleet.js";

const RUN = "ET-001-v1-run";
/** Everybody but those who run agents. */
const OTHERS = ["parser", "stage", "notifier"] as const;
const TIMED_OUT: RunnerEnding = { kind: "timed_out", afterMs: 60_000, report: EMPTY_REPORT };
const SILENT: RunnerEnding = { kind: "silent", silentForMs: 60_000, report: EMPTY_REPORT };

/** An agent that ends like this, start by start, and finishes from then on. */
function ending(...endings: readonly RunnerEnding[]): Agent {
  return async ({ attempt }) => endings[attempt - 1];
}

async function endingsOf({ store }: RunningFleet, item = "ET-001") {
  return (await store.items.runs(item)).map((run) => run.ending);
}

/** What a click on "retry" in the board does. */
async function retryByHand({ store }: RunningFleet): Promise<void> {
  const job = await store.queues.get("runs").getJob(RUN);
  if (job === undefined) throw new Error(`there is no job ${RUN}`);
  await job.retry("failed");
}

/** An agent worker with other parts than the fleet's. */
async function agentWith(fleet: RunningFleet, changes: (deps: RunDeps) => Partial<RunDeps>) {
  const deps = await agentDeps(fleet.parts);
  const workers = startAgent(workerContext(fleet.parts), { ...deps, ...changes(deps) });
  endAfterTest(fleet, workers);
}

function endAfterTest({ parts }: RunningFleet, workers: RunningWorker[]): void {
  onTestFinished(async () => {
    await drain(workers, 1_000, parts.log);
  });
}

describe("a run that took too long or fell silent", () => {
  it("is tried once more by itself", async () => {
    const fleet = await runFleet({ agents: { developer: ending(TIMED_OUT) } });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(item).toMatchObject({ version: 1 + 1, developerRuns: 2 });
    expect(await endingsOf(fleet)).toEqual(["timed_out", "succeeded"]);
    await fleet.untilQuiet();
    expect(fleet.said(7)).toHaveLength(1);
  });

  it("fails the item the second time; a person's retry begins to count anew", async () => {
    const agents = { developer: ending(TIMED_OUT, SILENT, TIMED_OUT, TIMED_OUT) };
    const fleet = await runFleet({ agents, file: { limits: { developerRuns: 9 } } });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "failed");
    expect(item.reason).toBe("it ran for 1 min, its limit; for the second time");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(3);
    expect(fleet.said(7)).toHaveLength(1);
    await retryByHand(fleet);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(await endingsOf(fleet)).toEqual([
      ...["timed_out", "silent", "timed_out", "timed_out", "succeeded"],
    ]);
  });

  it("isn't tried again where that would pass the cap", async () => {
    const fleet = await runFleet({
      agents: { developer: ending(SILENT) },
      file: { limits: { developerRuns: 1 } },
    });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "failed");
    expect(item.reason).toMatch(/printed nothing.*no developer run is left/);
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(1);
  });

  it("is counted by the fleet, whichever process ended it", async () => {
    const fleet = await runFleet({ agents: { developer: ending(TIMED_OUT, SILENT) } });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "done");
    const page = await (await fetch(`${fleet.receiver.url}/metrics`)).text();
    const counted = page.split("\n").filter((line) => line.startsWith("stagecoach_run_endings"));
    expect(counted.sort()).toEqual(
      [
        'stagecoach_run_endings_total{role="developer",ending="silent"} 1',
        'stagecoach_run_endings_total{role="developer",ending="succeeded"} 1',
        'stagecoach_run_endings_total{role="developer",ending="timed_out"} 1',
      ].sort(),
    );
  });
});

describe("a run that is interrupted", () => {
  it("a hundred times in a row spends no developer run, and succeeds afterwards", async () => {
    const fleet = await runFleet({ workers: OTHERS });
    const rows: number[] = [];
    await agentWith(fleet, ({ workspace }) => ({
      transientDelay: (inARow) => {
        rows.push(inARow);
        return 0;
      },
      workspace: {
        ...workspace,
        open: (request) =>
          rows.length < 100
            ? Promise.reject(new WorkspaceError("remote-unavailable", "no network"))
            : workspace.open(request),
      },
    }));
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(item).toMatchObject({ version: 2, developerRuns: 1 });
    expect(rows).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const endings = await endingsOf(fleet);
    expect(endings.filter((kind) => kind === "transient")).toHaveLength(100);
    expect(endings.at(-1)).toBe("succeeded");
  });

  it("for six hours fails the item, and spends no developer run either", async () => {
    const fleet = await runFleet({ workers: OTHERS });
    let skippedMs = 0;
    await agentWith(fleet, () => ({
      clock: () => Date.now() + skippedMs,
      transientDelay: () => 0,
      runners: {
        scripted: async ({ attempt }) => {
          if (attempt === 3) skippedMs = 6 * 3_600_000;
          return { kind: "transient", reason: "503", report: EMPTY_REPORT };
        },
      },
    }));
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "failed");
    expect(item).toMatchObject({
      developerRuns: 0,
      reason: "503; 3 tries in 6 hours were in vain",
    });
  });
});

describe("the job of a run that failed, whose worker died before the job did", () => {
  it("fails as well, starting no agent; a retry by hand starts one", async () => {
    let broken = true;
    const fleet = await runFleet({
      workers: OTHERS,
      agents: { developer: async () => (broken ? failing("no compiler") : undefined) },
    });
    const deps = await agentDeps(fleet.parts);
    const context = workerContext(fleet.parts);
    const stalledInterval = 300;
    let die = () => {};
    const dead = new Promise<void>((resolve) => {
      die = resolve;
    });
    // It records the end, holds on to the job, and doesn't renew its lock.
    const dying = startWorker(
      { ...context, takeover: { lockDuration: 1_000, lockRenewTime: 600_000, stalledInterval } },
      {
        name: "runs",
        concurrency: 1,
        idOf: (job) => jobIds.run(job.item, job.version),
        process: async (job, { signal }, start) => {
          const outcome = await runStage(deps, job, signal, start);
          if (outcome.kind === "failed") await dead;
          return outcome;
        },
      },
    );
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    // Its own lock outlasts whatever a busy machine does to this event loop.
    const held = { lockDuration: 30_000, lockRenewTime: 10_000 };
    const survivor = { ...context, takeover: { ...held, stalledInterval } };
    endAfterTest(fleet, startAgent(survivor, deps));
    const job = async () => fleet.store.queues.get("runs").getJob(RUN);
    await expect.poll(async () => (await job())?.getState(), { timeout: 30_000 }).toBe("failed");
    expect((await job())?.failedReason).toBe("failed: no compiler");
    expect((await job())?.stalledCounter).toBe(1);
    expect(fleet.started).toHaveLength(1);
    die();
    await drain([dying], 1_000, fleet.parts.log);

    broken = false;
    await retryByHand(fleet);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started).toHaveLength(2);
  });
});
