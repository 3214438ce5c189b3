import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createContain } from "../../src/agents/sandbox.js";
import { modelRun } from "../support/anthropic-run.js";
import { toolUses } from "../support/fake-anthropic.js";
import { temporaryFolder } from "../support/run-context.js";
import { bubblewrapHere, NO_SANDBOX, SEARCH_PATH, SKIPPED } from "../support/sandbox.js";

const CANARY = "canary-of-the-model-runner";
const DONE = { kind: "text", text: "done" } as const;
const bash = (command: string) => ["bash", { command }] as const;

/** A fleet's data with a neighbour's work in it, and a run of a model whose shell is in a sandbox. */
async function sandboxedRun() {
  const dataDir = await temporaryFolder();
  const home = await temporaryFolder();
  const place = (name: string) => join(dataDir, "ET-001", name);
  await mkdir(join(dataDir, "ET-002"));
  await writeFile(join(dataDir, "ET-002/work.txt"), CANARY);
  for (const name of ["tree", "private"]) await mkdir(place(name), { recursive: true });
  const bubblewrap = bubblewrapHere({ dataDir, home, secretFiles: [], folders: [] });
  const contain = createContain({ bubblewrap, users: new Map(), searchPath: SEARCH_PATH });
  const over = { worktree: place("tree"), privatePath: place("private") };
  const run = await modelRun({ sandbox: "bubblewrap" }, { contain }, over);
  return { run, dataDir };
}

/** A process of this user with a secret in its environment, as the worker is one. */
async function secretHolder(): Promise<void> {
  const holder = spawn("sleep", ["600"], { env: { PATH: SEARCH_PATH, CANARY } });
  await once(holder, "spawn");
  onTestFinished(async () => {
    holder.kill("SIGKILL");
    await once(holder, "exit");
  });
}

describe.skipIf(NO_SANDBOX !== null)(`the anthropic runner in the sandbox${SKIPPED}`, () => {
  it("works in its worktree, and a hostile model sees neither processes nor neighbours", async () => {
    await secretHolder();
    const { run, dataDir } = await sandboxedRun();
    run.api.script(
      toolUses(
        ["write", { file_path: "mine.txt", content: "mine" }],
        bash("cat mine.txt; echo more > made.txt"),
        bash(`ln -s ${dataDir}/ET-002 door; cat door/work.txt`),
        bash("cat /proc/[0-9]*/environ | tr '\\0' '\\n'; ls /proc | grep -c '^[0-9]'"),
        bash(`find ${dataDir} -name work.txt`),
        ["read", { file_path: "made.txt" }],
        ["read", { file_path: "door/work.txt" }],
        ["grep", { pattern: "canary", path: "door" }],
        ["write", { file_path: "door/planted.txt", content: "x" }],
      ),
      DONE,
    );
    expect((await run.run()).kind).toBe("finished");
    const results = run.results();
    expect(results[1]).toEqual({ text: "mine", error: false });
    expect(results[5]).toEqual({ text: "more\n", error: false });
    expect(results.slice(6).map(({ error }) => error)).toEqual([true, true, true]);
    expect(Number(results[3]?.text.trim().split("\n").at(-1))).toBeLessThan(10);
    const seen = JSON.stringify(run.api.requests.at(-1)) + run.output();
    expect(seen).not.toContain(CANARY);
    expect(seen).not.toContain("ET-002/work.txt\\n");
  });

  it("ends with each command what escaped from its group and its environment", async () => {
    const { run } = await sandboxedRun();
    const escapee = "env -i setsid /bin/sh -c 'while :; do echo x >> beat; sleep 0.02; done'";
    run.api.script(
      toolUses(bash(`${escapee} & while ! test -s beat; do sleep 0.02; done`)),
      toolUses(bash("a=$(wc -c < beat); sleep 0.5; b=$(wc -c < beat); echo $((b - a))")),
      DONE,
    );
    expect((await run.run()).kind).toBe("finished");
    expect(run.results()).toEqual([{ text: "0\n", error: false }]);
  });
});
