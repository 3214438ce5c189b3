import { describe, expect, it } from "vitest";
import { TrackerError } from "../../../src/engine/tracker.js";
import { ciGreen } from "../../../src/gates/ci-green.js";
import { gateContext, HEAD } from "./gate-context.js";

type State = "pending" | "success" | "failure";

function withChecks(states: Record<string, State>) {
  return gateContext({ forge: { checks: async () => new Map(Object.entries(states)) } });
}

describe("the gate ci-green", () => {
  it("passes when every configured context is success on the commit", async () => {
    const asked: unknown[] = [];
    const context = gateContext({
      forge: {
        checks: async (...about) => {
          asked.push(about);
          return new Map([
            ["build", "success" as const],
            ["test", "success" as const],
            ["lint", "failure" as const],
          ]);
        },
      },
    });
    expect(await ciGreen(context)).toEqual({
      gate: "ci-green",
      passed: true,
      reason: "CI is green.",
      evidence: "build: success\ntest: success",
      commit: HEAD,
    });
    expect(asked).toEqual([["acme/rocket", HEAD]]);
  });

  it.each<[string, Record<string, State>]>([
    ["a context is pending", { build: "success", test: "pending" }],
    ["a context was never heard of", { build: "success" }],
    ["nothing was heard", {}],
  ])("waits while %s", async (_, states) => {
    const verdict = await ciGreen(withChecks(states));
    expect(verdict).toMatchObject({ passed: false, pending: true });
    expect(verdict.reason).toContain("test");
  });

  it("fails for one failure, whatever is still pending", async () => {
    const verdict = await ciGreen(withChecks({ build: "failure", test: "pending" }));
    expect(verdict).toMatchObject({ passed: false, reason: "CI failed: build." });
    expect(verdict).not.toHaveProperty("pending");
  });

  it("doesn't pass without contexts, and says what to configure", async () => {
    const context = gateContext({ gates: { "ci-green": { contexts: [] } }, forge: {} });
    expect(await ciGreen(context)).toMatchObject({
      passed: false,
      reason: expect.stringContaining("gates.ci-green.contexts"),
    });
  });

  it("doesn't pass without a forge", async () => {
    expect(await ciGreen(gateContext())).toMatchObject({ passed: false });
    expect(await ciGreen(gateContext({ repo: null, forge: {} }))).toMatchObject({ passed: false });
  });

  it("lets a tracker's error through: never a pass, never a failure", async () => {
    const error = new TrackerError("tracker-unavailable", "503", { retryable: true });
    const context = gateContext({ forge: { checks: () => Promise.reject(error) } });
    await expect(ciGreen(context)).rejects.toBe(error);
  });
});
