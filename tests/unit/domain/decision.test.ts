import { describe, expect, it } from "vitest";
import { type Decision, decide, hasDeveloperRunLeft } from "../../../src/domain/decision.js";
import { GATES } from "../../../src/domain/pipeline.js";
import { STAGES, type Stage } from "../../../src/domain/stage.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import type { Trigger, WorkItem } from "../../../src/domain/work-item.js";
import { afterRun, CAP, failed, passed, pipeline } from "./situation.js";

const questions = { artifact: "01-questions.md", text: "Which port?" };
const conflict = { artifact: "10-conflict.md", text: "The brief contradicts itself." };
const findings = { artifact: "12-review.md", text: "Handle the empty list." };
const pending = { pending: true } as const;

function decided(
  stage: Stage,
  trigger: Trigger,
  verdict: Verdict,
  changes: Partial<WorkItem> = {},
  steps = pipeline("full"),
): Decision {
  const item = afterRun({ stage, ...changes });
  return decide({ item, pipeline: steps, trigger, verdict, developerRunCap: CAP });
}

/** The decision in a few words, as the tables below write it. */
function said(decision: Decision): string {
  return "to" in decision ? `${decision.kind} ${decision.to}` : decision.kind;
}

describe("a gate that passes", () => {
  it.each<[Stage, Stage]>([
    ["analysis", "architecture"],
    ["architecture", "development"],
    ["development", "review"],
    ["review", "testing"],
    ["testing", "deploy"],
    ["deploy", "done"],
  ])("takes an item from %s to %s, whatever made it look", (stage, to) => {
    for (const trigger of ["run", "person", "webhook"] as const) {
      const decision = decided(stage, trigger, passed("tests-local"));
      expect(said(decision)).toBe(`advance ${to}`);
    }
  });

  it("takes a direct item from development to done", () => {
    const decision = decided("development", "run", passed("tests-local"), {}, pipeline("direct"));
    expect(said(decision)).toBe("advance done");
  });

  it("doesn't bring an item without developer runs into development's queue (I6)", () => {
    const spent = { developerRuns: CAP };
    expect(said(decided("architecture", "run", passed("architecture-done"), spent))).toBe("capped");
    expect(said(decided("development", "run", passed("tests-local"), spent))).toBe(
      "advance review",
    );
  });
});

describe("a gate that fails after a run", () => {
  it.each<[string, Stage, Verdict, string]>([
    [
      "analyst, artifacts complete",
      "analysis",
      failed("analysis-approved", pending),
      "ask-approval",
    ],
    [
      "analyst, questions count",
      "analysis",
      failed("analysis-approved", { ...pending, findings: questions }),
      "ask-questions",
    ],
    ["analyst with neither", "analysis", failed("analysis-approved"), "report"],
    [
      "architect, a conflict counts",
      "architecture",
      failed("architecture-done", { findings: conflict }),
      "rerun analysis",
    ],
    ["architect without a conflict", "architecture", failed("architecture-done"), "report"],
    ["developer, tests fail", "development", failed("tests-local"), "rerun development"],
    ["developer, CI is red", "development", failed("ci-green"), "rerun development"],
    ["developer, CI isn't done", "development", failed("ci-green", pending), "wait"],
    [
      "reviewer requests changes",
      "review",
      failed("reviewer-verdict", { findings }),
      "rerun development",
    ],
    ["reviewer's verdict can't be read", "review", failed("reviewer-verdict"), "report"],
    ["reviewer, an approval is awaited", "review", failed("review-approved", pending), "wait"],
    ["reviewer, a person requested changes", "review", failed("review-approved"), "report"],
    ["tester says no", "testing", failed("tests-passed"), "rerun development"],
    ["tester wrote nothing readable", "testing", failed("tests-passed"), "rerun development"],
    ["tester, tests fail", "testing", failed("tests-local"), "rerun development"],
    ["deployer says no", "deploy", failed("deploy-succeeded"), "report"],
  ])("%s", (_, stage, verdict, expected) => {
    expect(said(decided(stage, "run", verdict))).toBe(expected);
  });

  it.each<Stage>(["architecture", "development", "review", "testing", "deploy"])(
    "waits in %s for a CI that isn't done, and tells nobody (I11)",
    (stage) => {
      expect(said(decided(stage, "run", failed("ci-green", pending)))).toBe("wait");
    },
  );

  it("quotes the questions to be asked", () => {
    const verdict = failed("analysis-approved", { ...pending, findings: questions });
    expect(decided("analysis", "run", verdict)).toEqual({
      kind: "ask-questions",
      questions: "Which port?",
    });
  });

  it.each<[string, Stage, Verdict, object]>([
    [
      "findings with their artifact",
      "review",
      failed("reviewer-verdict", { findings, reason: "It says no." }),
      {
        kind: "rolled-back",
        reason: "It says no.",
        artifact: "12-review.md",
        detail: "Handle the empty list.",
      },
    ],
    [
      "else the evidence",
      "development",
      failed("tests-local", { evidence: "1 failing" }),
      { kind: "gate-failed", artifact: null, detail: "1 failing" },
    ],
  ])("gives the next run %s", (_, stage, verdict, cause) => {
    expect(decided(stage, "run", verdict)).toMatchObject({ cause });
  });
});

describe("a gate that fails on somebody's or a webhook's trigger", () => {
  it.each<[string, Stage, Trigger, Verdict, string]>([
    [
      "CI turns red in development",
      "development",
      "webhook",
      failed("ci-green"),
      "rerun development",
    ],
    ["CI still runs", "development", "webhook", failed("ci-green", pending), "wait"],
    ["CI still runs, a person asks", "development", "person", failed("ci-green", pending), "wait"],
    ["a push breaks the tests", "development", "webhook", failed("tests-local"), "report"],
    ["a person asks, tests fail", "development", "person", failed("tests-local"), "report"],
    ["a person asks, CI is red", "development", "person", failed("ci-green"), "report"],
    ["CI turns red after development", "testing", "webhook", failed("ci-green"), "report"],
    ["a person requests changes", "review", "webhook", failed("review-approved"), "report"],
    ["a review is withdrawn", "review", "webhook", failed("review-approved", pending), "wait"],
    [
      "findings a person pushed",
      "review",
      "webhook",
      failed("reviewer-verdict", { findings }),
      "report",
    ],
    [
      "a conflict a person pushed",
      "architecture",
      "webhook",
      failed("architecture-done", { findings: conflict }),
      "report",
    ],
    ["a tester's no, seen again", "testing", "person", failed("tests-passed"), "report"],
    [
      "a push while the analysis waits for its approval",
      "analysis",
      "webhook",
      failed("analysis-approved", pending),
      "wait",
    ],
    [
      "an approval of what is incomplete",
      "analysis",
      "person",
      failed("analysis-approved"),
      "report",
    ],
    [
      "an approval while questions are open",
      "analysis",
      "person",
      failed("analysis-approved", { ...pending, findings: questions }),
      "report",
    ],
    [
      "an approval of a commit that isn't the head any more",
      "analysis",
      "person",
      failed("analysis-approved", pending),
      "ask-approval",
    ],
  ])("%s", (_, stage, trigger, verdict, expected) => {
    expect(said(decided(stage, trigger, verdict))).toBe(expected);
  });
});

describe("past the cap (I6)", () => {
  it.each<[string, Stage, Verdict]>([
    ["a developer's failure", "development", failed("tests-local")],
    ["a change request", "review", failed("reviewer-verdict", { findings })],
    ["a tester's no", "testing", failed("tests-passed")],
  ])("%s adds no run", (_, stage, verdict) => {
    expect(said(decided(stage, "run", verdict, { developerRuns: CAP }))).toBe("capped");
    expect(said(decided(stage, "run", verdict, { developerRuns: CAP - 1 }))).toBe(
      "rerun development",
    );
    const granted = { developerRuns: CAP, grantedRuns: 1 };
    expect(said(decided(stage, "run", verdict, granted))).toBe("rerun development");
  });

  it("CI that turns red blocks an item once, and is only reported from then on", () => {
    const spent = { developerRuns: CAP, expectsRun: false, run: null } as const;
    expect(said(decided("development", "webhook", failed("ci-green"), spent))).toBe("capped");
    const blocked = { ...spent, status: "blocked" } as const;
    expect(said(decided("development", "webhook", failed("ci-green"), blocked))).toBe("report");
  });

  it.each([
    [0, 0, true],
    [2, 0, true],
    [3, 0, false],
    [3, 1, true],
    [4, 1, false],
  ])("%i spent and %i granted of three leaves a run: %s", (developerRuns, grantedRuns, left) => {
    expect(hasDeveloperRunLeft({ developerRuns, grantedRuns }, CAP)).toBe(left);
  });
});

describe("a rollback to a stage the pipeline lacks", () => {
  const reviewOnly = { name: "review-only", steps: pipeline("full").steps.slice(3) };
  const noAnalysis = { name: "no-analysis", steps: pipeline("full").steps.slice(1) };

  it.each<[string, Stage, Verdict, typeof reviewOnly]>([
    ["development, after a review", "review", failed("reviewer-verdict", { findings }), reviewOnly],
    ["development, after a test", "testing", failed("tests-passed"), reviewOnly],
    [
      "analysis, after a conflict",
      "architecture",
      failed("architecture-done", { findings: conflict }),
      noAnalysis,
    ],
  ])("%s, is reported instead", (_, stage, verdict, steps) => {
    expect(said(decided(stage, "run", verdict, {}, steps))).toBe("report");
  });
});

it("decides every combination of stage, gate, trigger and answer", () => {
  for (const stage of STAGES) {
    for (const gate of GATES) {
      for (const trigger of ["run", "person", "webhook"] as const) {
        for (const verdict of [passed(gate), failed(gate), failed(gate, pending)]) {
          const decision = decided(stage, trigger, verdict);
          expect(decision).toBeDefined();
          if (!verdict.passed) expect(said(decision)).not.toContain("advance");
        }
      }
    }
  }
});
