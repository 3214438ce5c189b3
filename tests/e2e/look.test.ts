import { Queue } from "bullmq";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, runProcess, until } from "../support/processes.js";

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

/** What the queue says of a delivery's job, once it is done. */
async function resultOf(id: string): Promise<string> {
  const { REDIS_URL, REDIS_PREFIX } = fleet.environment();
  const connection = { url: REDIS_URL ?? "" };
  const queue = new Queue("deliveries", { connection, prefix: `${REDIS_PREFIX}:queue` });
  try {
    await until("the replay is taken", async () => (await queue.getJobState(id)) === "completed");
    return String((await queue.getJob(id))?.returnvalue);
  } finally {
    await queue.close();
  }
}

describe("looking at a fleet", { timeout: 240_000 }, () => {
  it("shows an item, what its run printed and why it stands, and replays a delivery", async () => {
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

    const why = await stagecoach("why", "ET-001");
    expect(why).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringMatching(/^ET-001 is done: /),
    });
    expect((await stagecoach("why", "ET-404")).code).toBe(1);

    const plan = await stagecoach("plan");
    expect(plan).toMatchObject({ code: 0, err: "", out: "Nothing waits to start.\n" });
    expect((await stagecoach("plan", "--limit", "0")).code).toBe(2);

    const { delivery } = await receiver.logged("delivery accepted");
    const replayed = await stagecoach("replay", String(delivery), "--json");
    expect(replayed).toMatchObject({ code: 0, err: "" });
    const { job } = JSON.parse(replayed.out) as { job: string };
    expect(await resultOf(job)).not.toContain("does not belong");
    expect(await fleet.items()).toHaveLength(1);
    const unknown = await stagecoach("replay", "gitea:never-sent");
    expect(unknown).toMatchObject({ code: 1, out: "" });
    expect(unknown.err).toMatch(/^gitea:never-sent is not replayed: no delivery of this id/);
  });
});
