import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claudeError, DONE, INIT, playClaude } from "../../support/claude-cli.js";

const endingOf = async (...steps: readonly unknown[]) => (await playClaude(steps)).ending;
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe("a session of the claude CLI", () => {
  it("finishes with summary, model, usage and cost, and leaves its files", async () => {
    const { ending, context } = await playClaude([
      INIT,
      { write: "src/new.ts", text: "export {};\n" },
      { event: DONE },
    ]);
    expect(ending).toEqual({
      kind: "finished",
      report: {
        summary: "All done.",
        model: "claude-sonnet-5-5-2026",
        usage: { inputTokens: 3210, outputTokens: 40 },
        costUsd: 0.42,
      },
    });
    expect(await readFile(join(context.worktree, "src/new.ts"), "utf8")).toBe("export {};\n");
  });

  it("counts all models, subagents' too, and the last result of several", async () => {
    const used = { cacheReadInputTokens: 100, cacheCreationInputTokens: 10 };
    const ending = await endingOf(
      { event: { ...DONE, total_cost_usd: 0.1 } },
      {
        event: {
          ...DONE,
          total_cost_usd: 0.5,
          modelUsage: {
            sonnet: { ...used, inputTokens: 1, outputTokens: 2 },
            haiku: { ...used, inputTokens: 3, outputTokens: 4 },
          },
        },
      },
    );
    expect(ending.report).toMatchObject({
      usage: { inputTokens: 224, outputTokens: 6 },
      costUsd: 0.5,
    });
  });

  it("fails with the error's text", async () => {
    expect(
      await endingOf(claudeError({ result: "Invalid API key · Please run /login" })),
    ).toMatchObject({
      kind: "failed",
      reason: "Invalid API key · Please run /login",
      report: { costUsd: 0.42 },
    });
    const turns = claudeError({
      subtype: "error_max_turns",
      result: undefined,
      errors: ["50 turns"],
    });
    expect(await endingOf(turns)).toMatchObject({
      kind: "failed",
      reason: "error_max_turns: 50 turns",
    });
    expect(
      await endingOf(claudeError({ api_error_status: 400, result: "overloaded" })),
    ).toMatchObject({
      kind: "failed",
    });
  });

  it("fails where it ends without a result or not well after one", async () => {
    expect(await endingOf(INIT)).toMatchObject({
      kind: "failed",
      reason: "exit code 0 without a result: is it the claude CLI?",
    });
    expect(await endingOf({ event: DONE }, { exit: 3 })).toMatchObject({
      kind: "failed",
      reason: "exit code 3 after its result",
    });
  });

  it.each([
    ["a status of 529", claudeError({ api_error_status: 529, result: "API Error: Overloaded" })],
    ["a status of 500 as a text", claudeError({ api_error_status: "500", result: "boom" })],
    ["no answer", claudeError({ api_error_status: null, result: "API Error: Connection error." })],
    ["a text that names 503", claudeError({ result: "API Error: 503 upstream" })],
    [
      "a fault in the middle",
      claudeError({
        subtype: "error_during_execution",
        result: undefined,
        errors: ["fetch failed"],
      }),
    ],
    [
      "an address that can't be resolved",
      { raw: "Error: getaddrinfo ENOTFOUND x\n", to: "stderr" },
    ],
  ])("is transient at %s", async (_, step) => {
    expect(await endingOf(step, { exit: 1 })).toMatchObject({ kind: "transient" });
  });

  it("is transient when it asks to be tried again", async () => {
    expect(await endingOf({ exit: 75 })).toMatchObject({ kind: "transient" });
  });

  it("is transient when the provider's refusal only stands with the answer", async () => {
    const refused = {
      type: "assistant",
      error: "overloaded",
      message: { content: [{ type: "text", text: "API trouble" }] },
    };
    expect(
      await endingOf({ event: refused }, claudeError({ result: "API trouble" })),
    ).toMatchObject({
      kind: "transient",
    });
  });

  it("is limited until the time the provider's event tells", async () => {
    const at = inSeconds(3600);
    const rejected = {
      type: "rate_limit_event",
      rate_limit_info: { status: "rejected", resetsAt: at, rateLimitType: "five_hour" },
    };
    const said = claudeError({ api_error_status: 429, result: "You've hit your session limit" });
    expect(await endingOf({ event: rejected }, said, { exit: 1 })).toMatchObject({
      kind: "limited",
      until: new Date(at * 1000),
    });
  });

  it("is limited until the time in the older text, with or without a result", async () => {
    const at = inSeconds(600);
    const text = `Claude AI usage limit reached|${at}`;
    const until = new Date(at * 1000);
    expect(await endingOf(claudeError({ result: text }))).toMatchObject({ kind: "limited", until });
    expect(await endingOf({ raw: `${text}\n` }, { exit: 1 })).toMatchObject({
      kind: "limited",
      until,
    });
  });

  it("is limited for a quarter of an hour where no time is told, or an impossible one", async () => {
    for (const resetsAt of [undefined, inSeconds(-60), inSeconds(90 * 86_400)]) {
      const rejected = {
        type: "rate_limit_event",
        rate_limit_info: { status: "rejected", resetsAt },
      };
      const before = Date.now();
      const ending = await endingOf({ event: rejected }, claudeError({ api_error_status: 429 }));
      expect(ending.kind).toBe("limited");
      const wait = ending.kind === "limited" ? ending.until.getTime() - before : 0;
      expect(wait).toBeGreaterThanOrEqual(15 * 60_000);
      expect(wait).toBeLessThan(16 * 60_000);
    }
  });

  it("is not limited by a warning, nor by a limit it got over", async () => {
    const info = (status: string) => ({
      event: {
        type: "rate_limit_event",
        rate_limit_info: { status, resetsAt: inSeconds(60) },
      },
    });
    for (const status of ["allowed_warning", "rejected"]) {
      expect((await endingOf(info(status), { event: DONE })).kind).toBe("finished");
    }
  });

  it("counts and prices what a session used that was stopped", async () => {
    const answer = (id: string, output_tokens: number) => ({
      event: {
        type: "assistant",
        message: { id, content: [], usage: { ...DONE.usage, output_tokens } },
      },
    });
    const steps = [INIT, answer("a", 1), answer("a", 100), answer("b", 100), { hang: true }];
    const { ending } = await playClaude(steps, { silentMinutes: 0.02 });
    expect(ending).toMatchObject({
      kind: "silent",
      report: { usage: { inputTokens: 6420, outputTokens: 200 } },
    });
    // Twice (10 + 200 × 1.25 + 3000 × 0.1) in at $3 and 100 out at $15 a million.
    expect(ending.report.costUsd).toBeCloseTo(0.00636, 8);
  });
});
