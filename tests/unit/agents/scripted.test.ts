import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createScriptedRunner } from "../../../src/agents/scripted.js";
import type { RunContext } from "../../../src/engine/runner.js";
import { temporaryFolder, tryRun } from "../../support/run-context.js";

const runner = createScriptedRunner();
const signal = new AbortController().signal;
let script: string;

beforeEach(async () => {
  script = await temporaryFolder();
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(script, name)), { recursive: true });
    await writeFile(join(script, name), text);
  }
}

const context = async (over: Partial<RunContext> = {}) =>
  (await tryRun({ runner: "scripted", script }, over)).context;

describe("scripted runner", () => {
  it("plays the round's files with placeholders filled, and repeats the last round", async () => {
    await write({
      "reviewer/1/__ARTIFACTS__/12-review.md": "verdict: REQUEST_CHANGES\n",
      "reviewer/2/__ARTIFACTS__/12-review.md": "verdict: APPROVED\n__ITEM__ __ROUND__ __OTHER__\n",
    });
    const texts = [];
    for (const round of [1, 2, 5]) {
      const run = await context({ role: "reviewer", round });
      expect((await runner(run, signal)).kind).toBe("finished");
      texts.push(await readFile(join(run.worktree, run.artifacts, "12-review.md"), "utf8"));
    }
    expect(texts).toEqual([
      "verdict: REQUEST_CHANGES\n",
      "verdict: APPROVED\nET-001 2 __OTHER__\n",
      "verdict: APPROVED\nET-001 5 __OTHER__\n",
    ]);
  });

  it.each(["ET-001", "add-search"])("prefers what is for the item alone: %s", async (name) => {
    await write({ "developer/1/a": "all", [`items/${name}/developer/1/a`]: "own" });
    const run = await context();
    await runner(run, signal);
    expect(await readFile(join(run.worktree, "a"), "utf8")).toBe("own");
  });

  it.each([
    [
      { ending: "failed", reason: "no" },
      { kind: "failed", reason: "no" },
    ],
    [{ ending: "transient" }, { kind: "transient" }],
    [{ ending: "limited" }, { kind: "limited", until: expect.any(Date) }],
    [
      { cost_usd: 0.2, usage: { input_tokens: 3, output_tokens: 4 } },
      {
        kind: "finished",
        report: { costUsd: 0.2, usage: { inputTokens: 3, outputTokens: 4 } },
      },
    ],
    [{ typo: 1 }, { kind: "failed", reason: expect.stringContaining("step.json") }],
  ])("ends as step.json says: %j", async (step, expected) => {
    await write({ "developer/1/step.json": JSON.stringify(step) });
    expect(await runner(await context(), signal)).toMatchObject(expected);
  });

  it("fails when the script has nothing for the role", async () => {
    expect(await runner(await context(), signal)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("nothing for the developer"),
    });
  });

  it("hangs until it is stopped", async () => {
    await write({ "developer/1/step.json": '{"ending":"hang","output":"working"}' });
    const abort = new AbortController();
    const run = await context({ log: () => setImmediate(() => abort.abort()) });
    expect((await runner(run, abort.signal)).kind).toBe("cancelled");
  });

  it("writes through no symlink", async () => {
    const outside = await temporaryFolder();
    await write({ "developer/1/docs/a": "x" });
    const run = await context();
    await symlink(outside, join(run.worktree, "docs"));
    expect(await runner(run, signal)).toMatchObject({ kind: "failed" });
    await expect(readFile(join(outside, "a"))).rejects.toThrow();
  });
});
