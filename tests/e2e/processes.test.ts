import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { isAlive, killProcesses, type Running, until } from "../support/processes.js";

const STOPPED_AT_ONCE = 1;
const ONE_AT_ONCE = ["worker", "agent", "--concurrency", "1"];
let fleet: ProcessFleet;

beforeEach(async () => {
  fleet = await openProcessFleet();
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
});

function file(title: string): void {
  fleet.gitea.addIssue({ repo: REPO, title, body: "Please.", assignees: [BOT] });
}

/** Everything but agents, up and hooked to the tracker. */
async function startOthers(): Promise<Running[]> {
  const receiver = fleet.start("receiver");
  const parser = fleet.start("parser");
  const stage = fleet.start("stage");
  const notifier = fleet.start("notifier");
  await fleet.hookTo(receiver);
  await parser.logged("parser worker is up");
  await stage.logged("stage worker is up");
  await notifier.logged("notifier worker is up");
  return [receiver, parser, stage, notifier];
}

async function startAgent(): Promise<Running> {
  const agent = fleet.start("cli", ...ONE_AT_ONCE);
  await agent.logged("agent worker is up");
  return agent;
}

/** Runs this process started, by its log. */
function runsOf(agent: Running): unknown[] {
  return agent.log().flatMap((line) => (line.msg === "run starts" ? [line.run] : []));
}

describe("a fleet of processes", { timeout: 240_000 }, () => {
  it("carries issues to done with two agent workers, and each process drains when told", async () => {
    const others = await startOthers();
    const agents = [await startAgent(), await startAgent()];
    await fleet.hold();
    file("Frame counter wraps");
    file("Show a gap");
    await fleet.agentOf("ET-001-v1-a1");
    await fleet.agentOf("ET-002-v1-a1");
    expect(agents.flatMap(runsOf).sort()).toEqual(["ET-001-v1-a1", "ET-002-v1-a1"]);
    expect(agents.map((agent) => runsOf(agent).length)).toEqual([1, 1]);
    await fleet.release();

    const done = await fleet.done(2);
    for (const { id, branch, developer_runs } of done) {
      expect(developer_runs).toBe(1);
      expect(await fleet.remote.read(branch, `notes/${id}.txt`)).toBe(`by ${id}-v1-a1\n`);
      expect(await fleet.pushes(branch)).toBe(1);
      expect(await read(`prompt-${id}-v1-a1`)).toContain("Please.");
      expect(await read(`history-${id}-v1-a1`)).toMatch(/begin\n$/);
    }
    await until("the status comments say so", () =>
      [1, 2].every((issue) =>
        fleet.gitea.comments(REPO, issue).some(({ body }) => /\bdone\b/.test(body)),
      ),
    );

    for (const running of [...others, ...agents]) {
      running.signal("SIGTERM");
      expect(await running.exited()).toEqual({ code: 0, signal: null });
      expect(running.log().at(-1)).toMatchObject({ msg: "drained" });
    }
  });

  it("lets an agent finish when its worker is told to stop, and takes nothing new", async () => {
    await startOthers();
    const agent = fleet.start("agent");
    await agent.logged("agent worker is up");
    await fleet.hold();
    file("Frame counter wraps");
    await fleet.agentOf("ET-001-v1-a1");
    agent.signal("SIGTERM");
    await agent.logged("stopping; what is under way may end");
    file("Show a gap");
    await until("the second issue waits", async () => (await fleet.items()).length === 2);
    await fleet.release();
    expect(await agent.exited()).toEqual({ code: 0, signal: null });
    const [done] = await fleet.done(1);
    expect(done).toMatchObject({ id: "ET-001", developer_runs: 1 });
    expect(runsOf(agent)).toEqual(["ET-001-v1-a1"]);

    await startAgent();
    await fleet.done(2);
  });

  it("gives back what doesn't end within the drain's time, to run elsewhere", async () => {
    await startOthers();
    const config = join(fleet.folder, "hasty.yaml");
    await fleet.derive(config, { drainMinutes: 0.01 });
    const hasty = fleet.start("cli", "worker", "agent", "--config", config);
    await hasty.logged("agent worker is up");
    await fleet.hold();
    file("Frame counter wraps");
    const pid = await fleet.agentOf("ET-001-v1-a1");
    hasty.signal("SIGTERM");
    expect(await hasty.exited()).toEqual({ code: 0, signal: null });
    expect(isAlive(pid)).toBe(false);

    await fleet.release();
    await startAgent();
    const [item] = await fleet.done(1);
    expect(item).toMatchObject({ developer_runs: 1 });
    expect(await fleet.endings("ET-001")).toEqual(["cancelled", "succeeded"]);
    expect(await fleet.pushes(item?.branch ?? "")).toBe(1);
  });

  it("ends at once when told twice", async () => {
    await startOthers();
    const agent = await startAgent();
    await fleet.hold();
    file("Frame counter wraps");
    const pid = await fleet.agentOf("ET-001-v1-a1");
    agent.signal("SIGTERM");
    await agent.logged("stopping; what is under way may end");
    agent.signal("SIGTERM");
    expect(await agent.exited()).toEqual({ code: STOPPED_AT_ONCE, signal: null });
    await until("its agent is gone", () => !isAlive(pid));
  });

  it("finishes an item elsewhere, with one push, when its worker is killed", async () => {
    await startOthers();
    const doomed = await startAgent();
    await fleet.hold();
    file("Frame counter wraps");
    const pid = await fleet.agentOf("ET-001-v1-a1");
    const heir = await startAgent();
    doomed.signal("SIGKILL");
    await doomed.exited();
    await until("the dead worker's agent is gone", () => !isAlive(pid));
    await fleet.agentOf("ET-001-v1-a2");
    await fleet.release();

    const [item] = await fleet.done(1);
    expect(item).toMatchObject({ developer_runs: 1 });
    expect(runsOf(heir)).toEqual(["ET-001-v1-a2"]);
    expect(await fleet.endings("ET-001")).toEqual(["superseded", "succeeded"]);
    expect(await fleet.pushes(item?.branch ?? "")).toBe(1);
    expect(await fleet.remote.read(item?.branch ?? "", "notes/ET-001.txt")).toBe(
      "by ET-001-v1-a2\n",
    );
  });
});

function read(name: string): Promise<string> {
  return readFile(join(fleet.control, name), "utf8");
}
