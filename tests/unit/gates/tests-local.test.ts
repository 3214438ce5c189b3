import { describe, expect, it } from "vitest";
import type { CommandResult } from "../../../src/gates/gate.js";
import { testsLocal } from "../../../src/gates/tests-local.js";
import { gateContext, HEAD } from "./gate-context.js";

const ended = (result: Partial<CommandResult>) =>
  gateContext({
    command: () => ({ exitCode: 0, timedOut: false, tail: "", unstartable: null, ...result }),
  });

describe("the gate tests-local", () => {
  it("runs the configured command with its time limit and passes when it exits 0", async () => {
    const asked: unknown[] = [];
    const context = gateContext({
      gates: { "tests-local": { command: ["make", "check"], timeoutMinutes: 0.5 } },
      command: (command, timeoutMinutes) => {
        asked.push({ command, timeoutMinutes });
        return { exitCode: 0, timedOut: false, tail: "12 passed", unstartable: null };
      },
    });
    expect(await testsLocal(context)).toEqual({
      gate: "tests-local",
      passed: true,
      reason: "`make check` passed.",
      evidence: "$ make check\nexit code: 0\n12 passed",
      commit: HEAD,
    });
    expect(asked).toEqual([{ command: ["make", "check"], timeoutMinutes: 0.5 }]);
  });

  it("blames the configuration, not the developer, when the command can't be started", async () => {
    const verdict = await testsLocal(ended({ exitCode: null, unstartable: "no such program" }));
    expect(verdict).toMatchObject({ passed: false, misconfigured: true });
    expect(verdict.reason).toContain("can't be started: no such program");
  });

  it("doesn't pass for another exit code, and keeps the output's tail", async () => {
    const verdict = await testsLocal(ended({ exitCode: 3, tail: "1 failed" }));
    expect(verdict).toMatchObject({
      passed: false,
      reason: "`npm test` failed with exit code 3.",
      evidence: expect.stringContaining("1 failed"),
    });
  });

  it.each([
    ["it ran out of time", { exitCode: null, timedOut: true }, "within 15 minutes"],
    ["it ran out of time, whatever its exit code", { exitCode: 0, timedOut: true }, "15 minutes"],
    ["it was stopped", { exitCode: null, timedOut: false }, "stopped"],
  ])("doesn't pass when %s", async (_, result, reason) => {
    const verdict = await testsLocal(ended(result));
    expect(verdict).toMatchObject({ passed: false, reason: expect.stringContaining(reason) });
  });

  it("doesn't pass without a command, and says what to configure", async () => {
    const context = gateContext({ gates: { "tests-local": { command: [], timeoutMinutes: 15 } } });
    expect(await testsLocal(context)).toMatchObject({
      passed: false,
      reason: expect.stringContaining("gates.tests-local.command"),
    });
  });

  it("keeps the end of a long output, within the bounds of evidence", async () => {
    const verdict = await testsLocal(ended({ exitCode: 1, tail: `${"é".repeat(5_000)} the end` }));
    expect(Buffer.byteLength(verdict.evidence)).toBeLessThanOrEqual(4_096);
    expect(verdict.evidence).toMatch(/^\$ npm test\nexit code: 1\né+ the end$/);
  });

  it("lets a fault through: it is no verdict", async () => {
    const context = gateContext({
      command: () => {
        throw new Error("no checkout");
      },
    });
    await expect(testsLocal(context)).rejects.toThrow("no checkout");
  });
});
