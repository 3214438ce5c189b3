import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { isAlive, killProcesses, runProcess, until } from "../support/processes.js";

let fleet: ProcessFleet;

beforeEach(async () => {
  fleet = await openProcessFleet();
  const receiver = fleet.start("receiver");
  for (const kind of ["parser", "stage", "agent", "notifier"] as const) fleet.start(kind);
  await fleet.hookTo(receiver);
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
});

const stagecoach = (...args: string[]) =>
  runProcess("cli", args, fleet.environment(), fleet.folder);

const file = (title: string) =>
  fleet.gitea.addIssue({ repo: REPO, title, body: "Please.", assignees: [BOT] });

const statusOf = async (id: string) => (await fleet.items()).find((item) => item.id === id)?.status;

describe("operators at the command line", { timeout: 240_000 }, () => {
  it("end an item and its agent, and hear why nothing follows from a retry", async () => {
    await fleet.hold();
    file("Endless");
    const agent = await fleet.agentOf("ET-001-v1-a1");
    const cancelled = await stagecoach("cancel", "ET-001", "--json");
    expect(cancelled).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(cancelled.out)).toMatchObject({ item: "ET-001", kind: "done" });
    expect(await statusOf("ET-001")).toBe("cancelled");
    await until("its agent is gone", async () => !isAlive(agent));
    const retried = await stagecoach("retry", "ET-001");
    expect(retried).toMatchObject({ code: 1, out: "", err: "ET-001 is cancelled already.\n" });
    expect((await stagecoach("retry", "ET-404")).err).toMatch(/^There is no work item ET-404/);
    expect((await stagecoach("approve", "ET-001", "mast")).code).toBe(2);
  });

  it("hold the fleet and let it go on", async () => {
    expect(await stagecoach("pause")).toMatchObject({ code: 0, err: "" });
    file("Later");
    await until(
      "the item waits with its slot",
      async () => (await statusOf("ET-001")) === "waiting",
    );
    const unlimited = await stagecoach("resume", "--provider", "anthropic");
    expect(unlimited.out).toBe("anthropic was not paused.\n");
    const before = await stagecoach("status", "--json");
    expect(JSON.parse(before.out)).toMatchObject({ queues: { runs: { active: 0 } } });
    expect(await statusOf("ET-001")).toBe("waiting");
    expect(await stagecoach("resume")).toMatchObject({ code: 0, err: "" });
    expect(await fleet.done(1)).toHaveLength(1);
  });
});
