import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { modelRun } from "../../support/anthropic-run.js";
import { toolUses } from "../../support/fake-anthropic.js";

const DONE = { kind: "text", text: "Added the search." } as const;

describe("the anthropic runner", () => {
  it("carries a developer's run: reads, edits, writes and checks by tools, then sums up", async () => {
    const run = await modelRun();
    const { worktree } = run.context;
    await mkdir(join(worktree, "src"));
    await writeFile(join(worktree, "src/list.js"), "export const list = [];\n");
    run.api.script(
      toolUses(["read", { file_path: "src/list.js" }], ["grep", { pattern: "export" }]),
      toolUses(
        ["edit", { file_path: "src/list.js", old_string: "[]", new_string: "[1]" }],
        ["write", { file_path: "src/deep/search.js", content: "export const find = 1;\n" }],
        ["bash", { command: "cat src/list.js && ls src/deep" }],
      ),
      DONE,
    );
    expect(await run.run()).toEqual({
      kind: "finished",
      report: {
        summary: "Added the search.",
        model: "claude-sonnet-5-5",
        usage: { inputTokens: 3 * 3_100, outputTokens: 3 * 20 },
        costUsd: expect.closeTo((3 * ((100 + 1_250 + 200) * 10 + 20 * 50)) / 1e6, 10),
      },
    });
    expect(await readFile(join(worktree, "src/list.js"), "utf8")).toBe(
      "export const list = [1];\n",
    );
    expect(await readFile(join(worktree, "src/deep/search.js"), "utf8")).toContain("find");
    expect(run.results().at(-1)).toEqual({
      text: "export const list = [1];\nsearch.js\n",
      error: false,
    });
    for (const said of ["> read src/list.js", "> bash cat", "search.js", "Added the search."]) {
      expect(run.output()).toContain(said);
    }
  });

  it("asks the configured model with the prompt, keeping no conversation with the provider", async () => {
    const run = await modelRun();
    run.api.script(DONE);
    await run.run();
    expect(run.api.requests[0]).toMatchObject({
      model: "claude-sonnet-5-5",
      stream: true,
      messages: [{ role: "user", content: run.context.prompt }],
      cache_control: { type: "ephemeral" },
    });
    expect(run.api.requests[0]).not.toHaveProperty("thread");
    const tools = run.api.requests[0]?.tools as readonly { name: string }[];
    const glob = Number.parseInt(process.versions.node, 10) >= 22 ? ["glob"] : [];
    expect(tools.map(({ name }) => name).sort()).toEqual(
      ["bash", "edit", ...glob, "grep", "read", "write"].sort(),
    );
  });

  it("keeps the model's thinking out of the log, and gives it back to the model", async () => {
    const run = await modelRun();
    const thought = { type: "thinking", thinking: "secretly pondering", signature: "s" };
    const call = toolUses(["bash", { command: "true" }]);
    run.api.script({ ...call, content: [thought, ...call.content] }, DONE);
    expect((await run.run()).kind).toBe("finished");
    expect(run.output()).not.toContain("pondering");
    expect(JSON.stringify(run.api.requests[1])).toContain("secretly pondering");
  });

  it("goes on when a tool fails or isn't known", async () => {
    const run = await modelRun();
    run.api.script(
      toolUses(
        ["read", { file_path: "nowhere.txt" }],
        ["bash", { command: "echo broken; exit 3" }],
        ["bash", { cmd: "wrongly called" }],
        ["teleport", {}],
      ),
      DONE,
    );
    expect((await run.run()).kind).toBe("finished");
    expect(run.results().map(({ error }) => error)).toEqual([true, true, true, true]);
    expect(run.results()[1]?.text).toBe("exit code 3\nbroken");
  });

  it.each([
    ["max_tokens", "longer than one answer may be"],
    ["refusal", "the model refused"],
    ["model_context_window_exceeded", "outgrew the model's context window"],
  ])("fails with a reason when an answer stops for %s", async (stopReason, reason) => {
    const run = await modelRun();
    run.api.script({ kind: "text", text: "half", stopReason });
    expect(await run.run()).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining(reason),
      report: { usage: { outputTokens: 20 } },
    });
  });

  it("ends a model that never stops calling tools", async () => {
    const run = await modelRun({}, { mostRequests: 4 });
    run.api.otherwise(() => toolUses(["bash", { command: "true" }]));
    expect(await run.run()).toMatchObject({
      kind: "failed",
      reason: "the model was still at work after 4 requests",
    });
    expect(run.api.calls()).toBe(4);
  });

  it("fails without a model that config knows", async () => {
    const run = await modelRun({}, {}, { model: null, modelKey: "gone" });
    expect(await run.run()).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("gone"),
    });
    expect(run.api.calls()).toBe(0);
  });
});

describe("an anthropic run is stopped", () => {
  it("before it began", async () => {
    const run = await modelRun();
    expect((await run.run(AbortSignal.abort())).kind).toBe("cancelled");
    expect(run.api.calls()).toBe(0);
  });

  it("in the middle of an answer, with what it used until then", async () => {
    const abort = new AbortController();
    const run = await modelRun(
      {},
      {},
      {
        log: (chunk) => {
          if (chunk.includes("half")) abort.abort();
        },
      },
    );
    run.api.script({ kind: "stall" });
    expect(await run.run(abort.signal)).toMatchObject({
      kind: "cancelled",
      report: { usage: { inputTokens: 3_100, outputTokens: 1 } },
    });
  });

  it("while it waits for an answer to begin", async () => {
    const run = await modelRun();
    const abort = new AbortController();
    run.api.script({ kind: "silence" });
    const ending = run.run(abort.signal);
    await run.api.arrived(1);
    abort.abort();
    expect((await ending).kind).toBe("cancelled");
  });

  it("with the command it runs, and what that started", async () => {
    const abort = new AbortController();
    const run = await modelRun(
      {},
      {},
      {
        log: (chunk) => {
          if (chunk.includes("ready")) abort.abort();
        },
      },
    );
    const command =
      "sh -c 'trap \"\" TERM; echo $$ > pid; echo rea''dy; while :; do sleep 0.05; done'";
    run.api.script(toolUses(["bash", { command: `${command} & wait` }]));
    expect((await run.run(abort.signal)).kind).toBe("cancelled");
    const pid = Number(await readFile(join(run.context.worktree, "pid"), "utf8"));
    expect(pid).toBeGreaterThan(1);
    expect(await isGone(pid)).toBe(true);
    expect(run.api.calls()).toBe(1);
  });

  it("at its time limit, however lively it is", async () => {
    const run = await modelRun({ timeoutMinutes: 0.01 });
    run.api.otherwise(() => toolUses(["bash", { command: "echo tick; sleep 0.05" }]));
    expect(await run.run()).toMatchObject({ kind: "timed_out", afterMs: 600 });
  });

  it("when nothing is heard of the model for too long", async () => {
    const run = await modelRun({ silentMinutes: 0.01 });
    run.api.script({ kind: "stall" });
    const ending = await run.run();
    expect(ending).toMatchObject({ kind: "silent", report: { usage: { inputTokens: 3_100 } } });
    expect(ending.kind === "silent" && ending.silentForMs).toBeGreaterThanOrEqual(600);
  });

  it("not for a command's silence: the model is told, and goes on", async () => {
    const run = await modelRun({ silentMinutes: 0.1 });
    run.api.script(toolUses(["bash", { command: "sleep 60" }]), DONE);
    expect((await run.run()).kind).toBe("finished");
    expect(run.results()).toEqual([
      { text: expect.stringMatching(/^stopped: it printed nothing for/), error: true },
    ]);
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
