import { describe, expect, it } from "vitest";
import type { AgentSettings } from "../../../src/domain/fleet.js";
import { deploySucceeded } from "../../../src/gates/deploy-succeeded.js";
import { reviewerVerdict } from "../../../src/gates/reviewer-verdict.js";
import { testsPassed } from "../../../src/gates/tests-passed.js";
import { gateContext, HEAD, type World } from "./gate-context.js";

const deployer: AgentSettings = {
  runner: "command",
  command: ["./deploy.sh"],
  script: null,
  timeoutMinutes: 30,
  silentMinutes: 5,
  env: [],
  sandbox: "none",
  user: null,
  model: "sonnet",
  maxConcurrent: null,
};

const GATES = [
  ["reviewer-verdict", reviewerVerdict, "12-review.md", "APPROVED", "REQUEST_CHANGES"],
  ["tests-passed", testsPassed, "13-test-report.md", "PASS", "FAIL"],
  ["deploy-succeeded", deploySucceeded, "14-deploy.md", "SUCCESS", "FAILED"],
] as const;

describe.each(GATES)("the gate %s", (name, gate, file, yes, no) => {
  const judge = (world: World) => gate(gateContext({ agents: { deployer }, ...world }));
  const written = (text: string) => judge({ files: { [file]: text }, wrote: [file] });

  it(`passes when this round's ${file} says ${yes}`, async () => {
    expect(await written(`# Report\n\nverdict: ${yes.toLowerCase()}\n`)).toEqual({
      gate: name,
      passed: true,
      reason: `${file} says \`verdict: ${yes}\`.`,
      evidence: `# Report\n\nverdict: ${yes.toLowerCase()}\n`,
      commit: HEAD,
    });
  });

  it(`has the report as findings when it says ${no}`, async () => {
    const text = `---\nverdict: ${no}\n---\nThe queue leaks.`;
    expect(await written(text)).toMatchObject({
      passed: false,
      findings: { artifact: file, text },
    });
  });

  it("doesn't pass for another word, and has no findings", async () => {
    const verdict = await written("verdict: MAYBE");
    expect(verdict).toMatchObject({ passed: false, reason: expect.stringContaining("MAYBE") });
    expect(verdict).not.toHaveProperty("findings");
  });

  it.each([
    ["no verdict", "All is well."],
    ["two verdicts", `verdict: ${yes}\nverdict: ${no}`],
    ["a quoted verdict", `> verdict: ${yes}`],
    ["nothing", ""],
  ])("doesn't pass for a report with %s, and says why", async (_, text) => {
    const verdict = await written(text);
    expect(verdict).toMatchObject({
      passed: false,
      reason: expect.stringContaining("can't be read"),
    });
    expect(verdict).not.toHaveProperty("findings");
  });

  it("doesn't pass for a report of an earlier round, word for word the same or not", async () => {
    const verdict = await judge({ files: { [file]: `verdict: ${yes}` } });
    expect(verdict).toMatchObject({
      passed: false,
      reason: expect.stringContaining("earlier round"),
    });
  });

  it("passes for a report that a person changed", async () => {
    const verdict = await judge({ files: { [file]: `verdict: ${yes}` }, changedByPerson: [file] });
    expect(verdict.passed).toBe(true);
  });

  it("doesn't pass without a report", async () => {
    expect(await judge({})).toMatchObject({
      passed: false,
      reason: expect.stringContaining(file),
    });
  });

  it("keeps evidence and findings within bounds", async () => {
    const verdict = await written(`verdict: ${no}\n${"é".repeat(5_000)}`);
    expect(Buffer.byteLength(verdict.evidence)).toBeLessThanOrEqual(4_096);
    expect(Buffer.byteLength(verdict.findings?.text ?? "")).toBeLessThanOrEqual(4_096);
    expect(verdict.evidence).not.toContain("\uFFFD");
  });
});

describe("the reviewer's verdict", () => {
  it("is read from the older file name when only that counts", async () => {
    const files = {
      "12-review.md": "verdict: REQUEST_CHANGES",
      "09-review.md": "verdict: APPROVED",
    };
    const old = await reviewerVerdict(gateContext({ files, wrote: ["09-review.md"] }));
    expect(old.passed).toBe(true);
    const both = await reviewerVerdict(
      gateContext({ files, wrote: ["09-review.md", "12-review.md"] }),
    );
    expect(both.findings?.artifact).toBe("12-review.md");
  });
});

describe("a deploy without a deployer", () => {
  it("passes", async () => {
    expect(await deploySucceeded(gateContext())).toMatchObject({ passed: true, commit: HEAD });
  });
});
