import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCommandRunner } from "../../../src/agents/command.js";
import type { RunnerEnding } from "../../../src/domain/run.js";
import { type Tried, tryRun } from "../../support/run-context.js";

const PATH = process.env.PATH;
const environment = { PATH, LANG: "C", GITEA_TOKEN: "hidden", REDIS_URL: "hidden", MY_KEY: "mine" };
const runner = createCommandRunner({ environment, graceMs: 300 });
const never = () => new AbortController().signal;

const sh = (script: string, settings = {}) =>
  tryRun({ command: ["/bin/sh", "-c", script], ...settings });

async function ending(tried: Tried): Promise<RunnerEnding> {
  return await runner(tried.context, never());
}

describe("command runner", () => {
  it("gives the agent its prompt, its folders and nothing but the allowed variables", async () => {
    const tried = await sh("cat; pwd; env | sort; cat $STAGECOACH_PROMPT_FILE", {
      env: ["MY_KEY", "ABSENT"],
    });
    expect((await ending(tried)).kind).toBe("finished");
    const { privatePath, worktree } = tried.context;
    const lines = tried.output().trim().split("\n");
    expect(lines.filter((line) => line === "do it")).toHaveLength(2);
    expect(lines).toContain(worktree);
    const names = lines.filter((line) => line.includes("=")).map((line) => line.split("=")[0]);
    const ours = "ITEM STAGE ROLE BRANCH RUN ATTEMPT MODEL ARTIFACTS PROMPT_FILE RESULT_FILE MARK";
    expect(
      names.filter((name) => name !== "_" && name !== "PWD" && name !== "SHLVL").sort(),
    ).toEqual(
      [
        "HOME",
        "LANG",
        "MY_KEY",
        "PATH",
        "TMPDIR",
        ...ours.split(" ").map((name) => `STAGECOACH_${name}`),
      ].sort(),
    );
    expect(lines).toContain(`HOME=${join(privatePath, "home")}`);
    expect(lines).toContain("STAGECOACH_ARTIFACTS=docs/work-items/ET-001");
  });

  it.each([
    ["echo fine", { kind: "finished" }],
    [
      "echo one; echo 'the reason' >&2; exit 3",
      { kind: "failed", reason: "exit code 3: the reason" },
    ],
    ["printf '\\033[31mred\\033[0m\\n\\n'; exit 1", { kind: "failed", reason: "exit code 1: red" }],
    ["echo overloaded; exit 75", { kind: "transient", reason: "exit code 75: overloaded" }],
    ["kill -SEGV $$", { kind: "failed", reason: "killed by SIGSEGV" }],
  ])("ends as the command did: %s", async (script, expected) => {
    expect(await ending(await sh(script))).toMatchObject(expected);
  });

  it("is transient when the command can't start", async () => {
    for (const command of [["/no/such/agent"], []]) {
      expect(await ending(await tryRun({ command }))).toMatchObject({
        kind: "transient",
        reason: expect.stringContaining("can't start"),
      });
    }
  });

  it("survives an agent that never reads a long prompt", async () => {
    const tried = await tryRun({ command: ["true"] }, { prompt: "x".repeat(4_000_000) });
    expect((await ending(tried)).kind).toBe("finished");
  });

  it("takes summary, usage and cost from the result file", async () => {
    const json = '{"summary":"done","usage":{"input_tokens":12,"output_tokens":3},"cost_usd":0.5}';
    expect(await ending(await sh(`echo '${json}' > $STAGECOACH_RESULT_FILE`))).toEqual({
      kind: "finished",
      report: { summary: "done", usage: { inputTokens: 12, outputTokens: 3 }, costUsd: 0.5 },
    });
  });

  it.each(['"2030-01-02T03:04:05Z"', "1893553445", "1893553445000"])(
    "is limited until reset_at (%s), whatever the exit code",
    async (at) => {
      const tried = await sh(`echo '{"reset_at":${at}}' > $STAGECOACH_RESULT_FILE; exit 1`);
      expect(await ending(tried)).toMatchObject({
        kind: "limited",
        until: new Date("2030-01-02T03:04:05Z"),
      });
    },
  );

  it.each([
    "echo not json > $STAGECOACH_RESULT_FILE",
    `echo '{"cost_usd":-1}' > $STAGECOACH_RESULT_FILE`,
    `echo '{"reset_at":"soon"}' > $STAGECOACH_RESULT_FILE`,
    "mkdir $STAGECOACH_RESULT_FILE",
    "mkfifo $STAGECOACH_RESULT_FILE",
    "head -c 100000 /dev/zero > $STAGECOACH_RESULT_FILE",
  ])("ignores a bad result file and says so: %s", async (script) => {
    const tried = await sh(script);
    expect(await ending(tried)).toEqual({
      kind: "finished",
      report: { usage: { inputTokens: 0, outputTokens: 0 }, costUsd: null },
    });
    expect(tried.output()).toContain("result file ignored");
  });

  it("does not follow a symlink for a result file, nor believe one left before the run", async () => {
    const tried = await sh("ln -s $HOME/other $STAGECOACH_RESULT_FILE");
    await writeFile(join(tried.context.privatePath, "result.json"), '{"cost_usd":9}');
    const linked = await ending(tried);
    expect(linked.report.costUsd).toBeNull();
    const other = join(tried.context.privatePath, "home/other");
    await writeFile(other, '{"cost_usd":7}');
    await symlink(other, join(tried.context.privatePath, "again"));
    expect((await ending(tried)).report.costUsd).toBeNull();
    expect(tried.output()).toContain("result file ignored");
  });

  it("stops at the time limit and at the limit of silence", async () => {
    const chatty = "while :; do echo tick; sleep 0.02; done";
    expect(await ending(await sh(chatty, { timeoutMinutes: 0.005 }))).toMatchObject({
      kind: "timed_out",
      afterMs: 300,
    });
    const silent = await ending(await sh("echo start; sleep 60", { silentMinutes: 0.005 }));
    expect(silent.kind).toBe("silent");
  });

  it("kills a grandchild that ignores TERM when it is aborted", async () => {
    const abort = new AbortController();
    const script = `sh -c 'trap "" TERM; echo $$ > pid; echo ready; while :; do sleep 0.05; done' & wait`;
    const tried = await sh(script);
    const context = {
      ...tried.context,
      log: (chunk: string) => {
        if (chunk.includes("ready")) abort.abort();
      },
    };
    expect((await runner(context, abort.signal)).kind).toBe("cancelled");
    const pid = Number(await readFile(join(context.worktree, "pid"), "utf8"));
    expect(pid).toBeGreaterThan(1);
    expect(await isGone(pid)).toBe(true);
  });

  it("leaves nothing behind that a finished agent started", async () => {
    const tried = await sh("sleep 600 & echo $! > pid; exit 0");
    expect((await ending(tried)).kind).toBe("finished");
    const pid = Number(await readFile(join(tried.context.worktree, "pid"), "utf8"));
    expect(await isGone(pid)).toBe(true);
  });

  it("does not start when it was aborted before", async () => {
    const tried = await sh("touch started");
    expect((await runner(tried.context, AbortSignal.abort())).kind).toBe("cancelled");
    await expect(readFile(join(tried.context.worktree, "started"))).rejects.toThrow();
  });
});

/** Gone, or dead and waiting to be reaped. */
async function isGone(pid: number): Promise<boolean> {
  try {
    return / Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}
