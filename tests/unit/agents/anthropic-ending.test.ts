import { describe, expect, it } from "vitest";
import { modelRun } from "../../support/anthropic-run.js";
import { type ErrorAnswer, toolUses } from "../../support/fake-anthropic.js";

const seconds = (count: number) => new Date(Date.now() + count * 1_000);
const error = (status: ErrorAnswer["status"], more: Partial<ErrorAnswer> = {}) =>
  ({ kind: "error", status, ...more }) as const;

async function endingOf(
  answer: Parameters<Awaited<ReturnType<typeof modelRun>>["api"]["script"]>[0],
) {
  const run = await modelRun({}, { maxRetries: 2 });
  run.api.script(answer, { kind: "text", text: "it was tried again" });
  return { ending: await run.run(), calls: run.api.calls() };
}

/** Within two seconds of what was named: headers have whole seconds. */
function expectUntil(ending: unknown, wanted: Date): void {
  expect(ending).toMatchObject({ kind: "limited", until: expect.any(Date) });
  const { until } = ending as { until: Date };
  expect(Math.abs(until.getTime() - wanted.getTime())).toBeLessThan(2_000);
}

describe("a limit of the provider", () => {
  const reset = (at: Date) => at.toISOString().replace(/\.\d+Z$/, "Z");

  it.each([
    ["retry-after in seconds", () => error(429, { retryAfter: 20 }), 20],
    ["a short retry-after, which isn't slept through", () => error(429, { retryAfter: 1 }), 1],
    ["retry-after as a date", () => error(429, { retryAfter: seconds(90).toUTCString() }), 90],
    [
      "the resets of what is used up, the latest of them",
      () =>
        error(429, {
          headers: {
            "anthropic-ratelimit-requests-remaining": "12",
            "anthropic-ratelimit-requests-reset": reset(seconds(900)),
            "anthropic-ratelimit-input-tokens-remaining": "0",
            "anthropic-ratelimit-input-tokens-reset": reset(seconds(30)),
            "anthropic-ratelimit-output-tokens-remaining": "0",
            "anthropic-ratelimit-output-tokens-reset": reset(seconds(60)),
          },
        }),
      60,
    ],
    [
      "a reset in seconds since the epoch",
      () =>
        error(429, {
          headers: {
            "anthropic-ratelimit-unified-reset": String(Math.ceil(Date.now() / 1_000) + 20),
          },
        }),
      20,
    ],
  ])("ends a run as limited until the time named by %s", async (_name, answer, wanted) => {
    const before = seconds(wanted);
    const { ending, calls } = await endingOf(answer());
    expectUntil(ending, before);
    expect(calls).toBe(1);
  });

  it("lasts until the time that a spend limit's message names", async () => {
    const message = "You have reached your specified API usage limits. You will regain access on";
    const minute = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 60_000);
    const at = minute.toISOString().slice(0, 16).replace("T", " at ");
    const { ending } = await endingOf(error(400, { message: `${message} ${at} UTC.` }));
    expectUntil(ending, minute);
  });

  it("lasts until the next month when the tier's monthly cap is reached", async () => {
    const { ending } = await endingOf(error(429, { code: "enforced_spend_limit_reached" }));
    const now = new Date();
    expectUntil(ending, new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)));
  });

  it.each([
    error(429),
    error(429, { retryAfter: "soon" }),
    error(429, { retryAfter: 0 }),
    error(429, { retryAfter: "9".repeat(30) }),
    error(429, { headers: { "anthropic-ratelimit-requests-reset": "2020-01-01T00:00:00Z" } }),
  ])("is transient where no time to come is named: %j", async (answer) => {
    const { ending, calls } = await endingOf(answer);
    expect(ending).toMatchObject({ kind: "transient", reason: expect.stringContaining("429") });
    expect(calls).toBe(1);
  });
});

describe("a fault of the provider", () => {
  it.each([500, 529] as const)("is tried again by the SDK first (%i)", async (status) => {
    const { ending, calls } = await endingOf(error(status));
    expect(ending).toMatchObject({ kind: "finished" });
    expect(calls).toBe(2);
  });

  it.each([
    [error(500), "500"],
    [error(529), "529"],
    [{ kind: "cut" } as const, "broke off"],
    [{ kind: "error-event", type: "overloaded_error" } as const, "529"],
    [{ kind: "error-event", type: "api_error" } as const, "500"],
    [{ kind: "error-event", type: "rate_limit_error" } as const, "429"],
  ])("is transient once it lasts: %j", async (answer, reason) => {
    const run = await modelRun();
    run.api.script(answer);
    expect(await run.run()).toMatchObject({
      kind: "transient",
      reason: expect.stringContaining(reason),
    });
  });

  it("isn't slept through when it asks for a long wait", async () => {
    const { ending, calls } = await endingOf(error(529, { retryAfter: 120 }));
    expect(ending.kind).toBe("transient");
    expect(calls).toBe(1);
  });

  it("is transient when nobody answers", async () => {
    const run = await modelRun();
    await run.api.close();
    expect(await run.run()).toMatchObject({
      kind: "transient",
      reason: expect.stringContaining("can't be reached"),
    });
  });

  it("leaves the report of what was used before it, the broken answer included", async () => {
    const run = await modelRun();
    run.api.script(toolUses(["bash", { command: "true" }]), { kind: "cut" });
    expect(await run.run()).toMatchObject({
      kind: "transient",
      report: { usage: { inputTokens: 2 * 3_100, outputTokens: 21 }, model: "claude-sonnet-5-5" },
    });
  });
});

describe("what trying again doesn't mend", () => {
  it.each([
    error(400, { message: "prompt is too long" }),
    error(402, { message: "no credit" }),
    error(403, { message: "not for this workspace" }),
    error(413, { message: "request too large" }),
  ])("fails with the API's words: %j", async (answer) => {
    const { ending, calls } = await endingOf(answer);
    expect(ending).toMatchObject({
      kind: "failed",
      reason: `the model's API answered ${answer.status}: ${answer.message}`,
    });
    expect(calls).toBe(1);
  });

  it("keeps the API's words to one short line without control sequences", async () => {
    const message = `\u001b[31mred\u001b[0m\nand ${"long ".repeat(200)}`;
    const { ending } = await endingOf(error(400, { message }));
    expect(ending).toMatchObject({
      reason: expect.stringMatching(/^the.* 400: red and long [a-z ]+$/),
    });
    expect(ending.kind === "failed" && ending.reason.length).toBeLessThanOrEqual(300);
  });

  it("fails for a model the API doesn't know", async () => {
    const model = {
      id: "claude-tiny-1",
      provider: "anthropic",
      usdPerMillionInput: 1,
      usdPerMillionOutput: 1,
    };
    const run = await modelRun({}, {}, { model });
    expect(await run.run()).toMatchObject({
      kind: "failed",
      reason: "the model's API answered 404: model: claude-tiny-1",
    });
  });

  it("fails for a refused key, says what to do, and doesn't say the key", async () => {
    const run = await modelRun({}, { apiKey: "sk-ant-wrong-canary" });
    const ending = await run.run();
    expect(ending).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("ANTHROPIC_API_KEY"),
    });
    expect(JSON.stringify(ending) + run.output()).not.toContain("canary");
  });
});
