import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, runProcess } from "../support/processes.js";

let fleet: ProcessFleet;

beforeEach(async () => {
  fleet = await openProcessFleet();
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
});

const stagecoach = (...args: string[]) =>
  runProcess("cli", args, fleet.environment(), fleet.folder);

describe("stagecoach show", { timeout: 240_000 }, () => {
  it("shows an item with its runs and history, and what a run printed", async () => {
    const receiver = fleet.start("receiver");
    for (const kind of ["parser", "stage", "agent", "notifier"] as const) fleet.start(kind);
    await fleet.hookTo(receiver);
    fleet.gitea.addIssue({ repo: REPO, title: "Count \u001b[31mframes", assignees: [BOT] });
    await fleet.done(1);

    const text = await stagecoach("show", "ET-001");
    expect(text).toMatchObject({ code: 0, err: "" });
    expect(text.out).toMatch(/^ET-001 {2}Count frames$/m);
    expect(text.out).toMatch(/^done, done: /m);
    expect(text.out).toMatch(/ET-001-v1-a1 {2}developer, succeeded, commit [0-9a-f]{8}/);
    expect(text.out).toMatch(/verdict tests-local passed/);
    expect(text.out).not.toContain("\u001b");

    const json = await stagecoach("show", "ET-001", "--json");
    expect(JSON.parse(json.out)).toMatchObject({
      id: "ET-001",
      status: "done",
      runs: [{ id: "ET-001-v1-a1", ending: "succeeded", usage: { input_tokens: 11 } }],
    });
    const log = await stagecoach("show", "ET-001", "--log");
    expect(log).toMatchObject({ code: 0, err: "" });
    expect(log.out).toBe("looking at ET-001\n");

    const missing = await stagecoach("show", "ET-404");
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.err).toMatch(/^There is no work item ET-404/);
    const noRun = await stagecoach("show", "ET-001", "--log", "ET-001-v9-a1");
    expect(noRun).toMatchObject({ code: 1, out: "" });
    expect(noRun.err).toMatch(/runs: ET-001-v1-a1/);
  });
});
