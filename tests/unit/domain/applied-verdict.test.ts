import { describe, expect, it } from "vitest";
import { applyVerdict } from "../../../src/domain/applied-verdict.js";
import type { Stage } from "../../../src/domain/stage.js";
import type { Transition } from "../../../src/domain/transition.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import {
  afterRun,
  applied,
  CAUSE,
  commentOf,
  effectsOf,
  failed,
  HEAD,
  judged,
  kinds,
  OLDER,
  passed,
  pipeline,
  rules,
  statesOf,
} from "./situation.js";

const findings = { artifact: "12-review.md", text: "Handle the empty list." };
const conflict = { artifact: "10-conflict.md", text: `Contradiction. ${"x".repeat(1_000)}END` };
const questions = { artifact: "01-questions.md", text: "Which port?\nWhich host?" };

describe("a verdict", () => {
  const item = judged(afterRun({ stage: "review" }), passed("reviewer-verdict"));

  it("moves nothing if it wasn't recorded (I2)", () => {
    expect(applyVerdict(item, "c812", rules(), CAUSE)).toBeNull();
    expect(applyVerdict(afterRun(), "run", rules(), CAUSE)).toBeNull();
  });

  it("moves nothing if it is of an older version (I3)", () => {
    const newer = { ...item, version: item.version + 1 };
    expect(applyVerdict(newer, "run", rules(), CAUSE)).toBeNull();
  });

  it("is consumed by the transition it causes (I2)", () => {
    const moved = applyVerdict(item, "run", rules(), CAUSE);
    expect(moved?.item.stage).toBe("testing");
    expect(moved && applyVerdict(moved.item, "run", rules(), CAUSE)).toBeNull();
  });

  it("is consumed where the item stays, too, and leaves others waiting (I2)", () => {
    const two = judged(
      judged(afterRun({ stage: "deploy" }), failed("deploy-succeeded")),
      failed("deploy-succeeded"),
      "person",
      "c812",
    );
    const stayed = applyVerdict(two, "run", rules(), CAUSE);
    expect(stayed?.item.consumed).toEqual(["run"]);
    expect(Object.keys(stayed?.item.verdicts ?? {})).toEqual(["c812"]);
    expect(stayed && applyVerdict(stayed.item, "run", rules(), CAUSE)).toBeNull();
  });
});

describe("advancing", () => {
  it("enters the next stage under the next version and launches its agent (I3)", () => {
    const { item, effects, history } = applied("development", passed("tests-local"));
    expect(item).toMatchObject({
      stage: "review",
      version: 4,
      status: "waiting",
      expectsRun: true,
      run: null,
      stageCommit: HEAD,
      cause: { kind: "entered" },
    });
    expect(effects).toContainEqual(
      expect.objectContaining({ kind: "flow", version: 4, evaluation: "run", run: true }),
    );
    expect(history).toMatchObject([
      { kind: "transition", from: "development", to: "review", cause: CAUSE.text, commit: HEAD },
    ]);
  });

  it("launches nobody on entering done, meets the dependents and says so", () => {
    const done = applied("deploy", passed("deploy-succeeded"));
    expect(done.item).toMatchObject({ stage: "done", status: "done", expectsRun: false });
    expect(kinds(done)).toContain("meet-dependents");
    expect(kinds(done)).not.toContain("flow");
    expect(statesOf(done)).toEqual(["Done"]);
    expect(commentOf(done)).toContain("ET-001 is done");
  });

  it("asks the gate alone where nobody is configured for the stage", () => {
    const item = judged(afterRun({ stage: "testing" }), passed("tests-passed"));
    const noDeployer = rules({ hasAgent: (role) => role !== "deployer" });
    const moved = applyVerdict(item, "run", noDeployer, CAUSE);
    expect(moved?.item).toMatchObject({ stage: "deploy", expectsRun: false });
    expect(moved && effectsOf(moved, "flow")).toMatchObject([
      { run: false, evaluation: "entered" },
    ]);
  });

  it("goes from development to done in the direct pipeline", () => {
    const item = judged(afterRun({ pipeline: "direct" }), passed("tests-local"));
    const moved = applyVerdict(item, "run", rules({ pipeline: pipeline("direct") }), CAUSE);
    expect(moved?.item).toMatchObject({ stage: "done", status: "done" });
  });
});

describe("the analyst's result", () => {
  it("asks for an approval of the commit when it is complete", () => {
    const asked = applied("analysis", failed("analysis-approved", { pending: true }));
    expect(asked.item).toMatchObject({
      stage: "analysis",
      version: 3,
      status: "awaiting-approval",
      approvalRequested: HEAD,
    });
    expect(commentOf(asked)).toContain(HEAD);
    expect(commentOf(asked)).toContain(":approved:");
    expect(statesOf(asked)).toEqual(["In Review"]);
    expect(kinds(asked)).toContain("notification");
    expect(kinds(asked)).not.toContain("flow");
  });

  it("asks anew, naming the head, when another commit was approved", () => {
    const reason = "alice approved aaaaaaaaaa, but the branch is at bbbbbbbbbb.";
    const moved = failed("analysis-approved", { pending: true, reason });
    const waiting = { status: "awaiting-approval", approvalRequested: OLDER } as const;
    const asked = applied("analysis", moved, waiting, "person");
    expect(asked.item).toMatchObject({ stage: "analysis", approvalRequested: HEAD });
    expect(commentOf(asked)).toContain(reason);
    expect(commentOf(asked)).toContain(HEAD);
  });

  it("posts the questions, each line quoted", () => {
    const verdict = failed("analysis-approved", { pending: true, findings: questions });
    const asked = applied("analysis", verdict);
    expect(asked.item).toMatchObject({ stage: "analysis", version: 3, status: "needs-input" });
    expect(commentOf(asked)).toContain("> Which port?\n> Which host?");
    expect(statesOf(asked)).toEqual(["Needs Input"]);
    expect(kinds(asked)).toContain("notification");
  });

  it("warns and needs input when it is neither", () => {
    const warned = applied(
      "analysis",
      failed("analysis-approved", { reason: "Missing: 02-brd.md." }),
    );
    expect(warned.item).toMatchObject({ stage: "analysis", status: "needs-input" });
    expect(commentOf(warned)).toContain("Missing: 02-brd.md.");
  });

  it("goes on waiting for an approval that came too early, and says what is missing", () => {
    const early = failed("analysis-approved", { reason: "Missing: 05-test-plan.md." });
    const refused = applied("analysis", early, { status: "awaiting-approval" }, "person");
    expect(refused.item).toMatchObject({ stage: "analysis", status: "awaiting-approval" });
    expect(commentOf(refused)).toContain("Missing: 05-test-plan.md.");
  });
});

describe("a rollback", () => {
  it("of the architect goes to analysis and quotes 500 characters of the conflict", () => {
    const back = applied("architecture", failed("architecture-done", { findings: conflict }));
    expect(back.item).toMatchObject({
      stage: "analysis",
      version: 4,
      status: "waiting",
      cause: { kind: "rolled-back", artifact: "10-conflict.md", detail: conflict.text },
    });
    expect(commentOf(back)).toContain(conflict.text.slice(0, 500));
    expect(commentOf(back)).not.toContain(conflict.text.slice(0, 501));
    expect(statesOf(back)).toEqual(["In Progress"]);
    expect(effectsOf(back, "flow")).toMatchObject([{ run: true, version: 4 }]);
  });

  it.each<[Stage, Verdict, string]>([
    ["review", failed("reviewer-verdict", { findings }), "Handle the empty list."],
    ["testing", failed("tests-passed", { evidence: "2 failing" }), "2 failing"],
  ])("from %s goes to development with what was found", (stage, verdict, detail) => {
    const back = applied(stage, verdict);
    expect(back.item).toMatchObject({ stage: "development", version: 4, cause: { detail } });
    expect(commentOf(back)).toContain(detail);
    expect(statesOf(back)).toEqual(["In Progress"]);
    expect(kinds(back)).toEqual(expect.arrayContaining(["comment", "notification", "flow"]));
  });

  it("voids the approval that was given", () => {
    const approval = { by: "alice", commit: HEAD, at: CAUSE.at };
    const given = { approval, approvalRequested: HEAD };
    const back = applied(
      "architecture",
      failed("architecture-done", { findings: conflict }),
      given,
    );
    expect(back.item).toMatchObject({ approval: null, approvalRequested: null });
  });

  it("within development reruns the developer without a comment", () => {
    const again = applied("development", failed("tests-local", { evidence: "1 failing" }));
    expect(again.item).toMatchObject({
      stage: "development",
      version: 4,
      cause: { kind: "gate-failed", detail: "1 failing" },
    });
    expect(kinds(again)).not.toContain("comment");
    expect(effectsOf(again, "flow")).toMatchObject([{ run: true, version: 4 }]);
  });
});

describe("a failure that only a person can mend", () => {
  const no = failed("deploy-succeeded", { reason: "It says FAILED.", evidence: "rollback done" });

  it("is told with its reason and evidence, and the item stays", () => {
    const told = applied("deploy", no);
    expect(told.item).toMatchObject({ stage: "deploy", version: 3, status: "needs-input" });
    expect(commentOf(told)).toContain("It says FAILED.");
    expect(commentOf(told)).toContain("> rollback done");
    expect(kinds(told)).toContain("notification");
  });

  it("is told once for the same reason on the same commit (I11)", () => {
    const { item } = applied("deploy", no);
    const again = (verdict: Verdict) => applyVerdict(judged(item, verdict), "run", rules(), CAUSE);
    expect(again(no)?.effects).toEqual([]);
    for (const news of [
      { ...no, reason: "It says ABORTED." },
      { ...no, commit: OLDER },
    ]) {
      expect(kinds(again(news) as Transition)).toContain("comment");
    }
  });
});

describe("an answer that isn't in yet", () => {
  it.each<[Stage, Verdict, string]>([
    ["development", failed("ci-green", { pending: true, reason: "CI is not done." }), "waiting"],
    ["review", failed("review-approved", { pending: true }), "awaiting-approval"],
  ])("keeps an item in %s and tells no person (I11)", (stage, verdict, status) => {
    const waits = applied(stage, verdict);
    expect(waits.item).toMatchObject({ stage, version: 3, status, reason: verdict.reason });
    expect(kinds(waits)).toEqual(["status-comment"]);
  });
});
