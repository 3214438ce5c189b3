import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exists } from "../../src/workspace/mirror.js";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, type Running, until } from "../support/processes.js";

let fleet: ProcessFleet;

beforeEach(async () => {
  fleet = await openProcessFleet();
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
});

async function startOthers(): Promise<void> {
  const receiver = fleet.start("receiver");
  const rest = (["parser", "stage", "notifier"] as const).map((kind) => ({
    kind,
    running: fleet.start(kind),
  }));
  await fleet.hookTo(receiver);
  for (const { kind, running } of rest) await running.logged(`${kind} worker is up`);
}

async function startAgent(): Promise<Running> {
  const agent = fleet.start("agent");
  await agent.logged("agent worker is up");
  return agent;
}

/**
 * All that anybody outside can see of the item: its place, its commits, what was said. What the lost
 * run has cost is added up all the same, and isn't looked at here.
 */
async function seen(branch: string) {
  await fleet.gitea.settled();
  const [item] = await fleet.items();
  return {
    place: [item?.id, item?.stage, item?.status, item?.reason, item?.version, item?.developer_runs],
    head: await fleet.remote.ref(`refs/heads/${branch}`),
    fence: await fleet.remote.ref("refs/stagecoach/fence/ET-001"),
    commits: await fleet.remote.log(`main..${branch}`),
    comments: fleet.gitea
      .comments(REPO, 1)
      .map(({ body }) => body)
      .filter((body) => !body.includes("stagecoach:status:")),
    endings: await fleet.endings("ET-001"),
  };
}

/** Is there something of this run in a checkout, to be pushed? */
async function hasWritten(run: string): Promise<boolean> {
  const hosts = (await readdir(fleet.folder)).filter((name) => name.startsWith("data-"));
  const texts = await Promise.all(
    hosts.map(async (host) => {
      const notes = join(fleet.folder, host, "work/items/ET-001/tree/notes");
      return (await exists(notes)) ? readFile(join(notes, "ET-001.txt"), "utf8") : "";
    }),
  );
  return texts.includes(`by ${run}\n`);
}

/** Done, and everybody told: nothing more is to come but from the frozen worker. */
async function finished(): Promise<string> {
  const [item] = await fleet.done(1);
  await until("the issue hears of it", () =>
    fleet.gitea.comments(REPO, 1).some(({ body }) => /is done/.test(body)),
  );
  return item?.branch ?? "";
}

/** Lets it go on, and waits until it has come to its run's end. */
async function thaw(frozen: Running): Promise<Record<string, unknown>> {
  frozen.signal("SIGCONT");
  return await frozen.logged("run ended");
}

describe("a worker frozen past its lock", { timeout: 300_000 }, () => {
  it("changes nothing once it goes on after another has finished its item", async () => {
    await startOthers();
    const frozen = await startAgent();
    await fleet.hold();
    fleet.gitea.addIssue({ repo: REPO, title: "Show a gap", body: "Please.", assignees: [BOT] });
    await fleet.agentOf("ET-001-v1-a1");
    frozen.signal("SIGSTOP");
    await startAgent();
    await fleet.agentOf("ET-001-v1-a2");
    await fleet.release();
    const branch = await finished();
    await until("the frozen worker's own agent has done its work too", () =>
      hasWritten("ET-001-v1-a1"),
    );
    const before = await seen(branch);
    expect(before).toMatchObject({ endings: ["superseded", "succeeded"] });

    expect(await thaw(frozen)).toMatchObject({ recorded: false });
    expect(await seen(branch)).toEqual(before);
    expect(await fleet.pushes(branch)).toBe(1);
    expect(await fleet.remote.read(branch, "notes/ET-001.txt")).toBe("by ET-001-v1-a2\n");
  });

  it("is refused its push by the fence, though it was about to push when it froze", async () => {
    await startOthers();
    const frozen = fleet.startScript("freezing-worker.mjs", "before push");
    await frozen.logged("agent worker is up");
    fleet.gitea.addIssue({ repo: REPO, title: "Show a gap", body: "Please.", assignees: [BOT] });
    await until("it froze", () => frozen.out().includes("frozen"));
    await startAgent();
    const branch = await finished();
    const before = await seen(branch);
    expect(before.commits).toEqual([
      expect.stringContaining("ET-001-v1-a2"),
      "ET-001: take the task",
    ]);

    expect(await thaw(frozen)).toMatchObject({
      ending: "superseded",
      recorded: false,
      reason: expect.stringContaining("another run took over ET-001"),
    });
    expect(await seen(branch)).toEqual(before);
    expect(await fleet.pushes(branch)).toBe(1);
  });

  it("is refused its push by the fence alone, while its successor has moved nothing yet", async () => {
    await startOthers();
    const frozen = fleet.startScript("freezing-worker.mjs", "before push");
    await frozen.logged("agent worker is up");
    fleet.gitea.addIssue({ repo: REPO, title: "Show a gap", body: "Please.", assignees: [BOT] });
    await until("it froze", () => frozen.out().includes("frozen"));
    await fleet.hold();
    await startAgent();
    await fleet.agentOf("ET-001-v1-a2");
    const branch = "feature/ET-001-show-a-gap";
    const before = await seen(branch);
    expect(before.commits).toEqual(["ET-001: take the task"]);

    expect(await thaw(frozen)).toMatchObject({ ending: "superseded", recorded: false });
    expect(await seen(branch)).toEqual(before);
    await fleet.release();
    await finished();
    expect((await seen(branch)).endings).toEqual(["superseded", "succeeded"]);
    expect(await fleet.pushes(branch)).toBe(1);
    expect(await fleet.remote.read(branch, "notes/ET-001.txt")).toBe("by ET-001-v1-a2\n");
  });

  it("is refused its transition, though it had pushed before it froze", async () => {
    await startOthers();
    const frozen = fleet.startScript("freezing-worker.mjs", "after push");
    await frozen.logged("agent worker is up");
    fleet.gitea.addIssue({ repo: REPO, title: "Show a gap", body: "Please.", assignees: [BOT] });
    await until("it froze", () => frozen.out().includes("frozen"));
    await startAgent();
    const branch = await finished();
    const before = await seen(branch);
    expect(before.endings).toEqual(["superseded", "succeeded"]);

    expect(await thaw(frozen)).toMatchObject({ ending: "succeeded", recorded: false });
    expect(await seen(branch)).toEqual(before);
  });
});
