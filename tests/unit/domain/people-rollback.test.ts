import { describe, expect, it } from "vitest";
import { rolledBack } from "../../../src/domain/rollback.js";
import type { Role, WorkStage } from "../../../src/domain/stage.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import {
  ALICE,
  afterRun,
  CAP,
  CAUSE,
  commentOf,
  effectsOf,
  kinds,
  pipeline,
  rules,
  statesOf,
} from "./situation.js";

const inReview = (changes: Partial<WorkItem> = {}) =>
  afterRun({ stage: "review", status: "needs-input", ...changes });

describe("a rollback", () => {
  it.each<[WorkStage | null, WorkStage]>([
    [null, "development"],
    ["development", "development"],
    ["architecture", "architecture"],
    ["analysis", "analysis"],
  ])("of an item in review to %s brings it to %s under a new version", (asked, to) => {
    const back = rolledBack(inReview(), ALICE, asked, rules(), CAUSE);
    expect(back.item).toMatchObject({ stage: to, version: 4, status: "waiting", expectsRun: true });
    expect(back.item.cause).toMatchObject({ kind: "rolled-back" });
    expect(back.item.cause?.reason).toContain("alice");
    expect(effectsOf(back, "discard-flow")).toMatchObject([{ version: 3 }]);
    expect(effectsOf(back, "flow")).toMatchObject([{ version: 4, run: true }]);
    expect(effectsOf(back, "reaction")).toMatchObject([{ comment: "1", reaction: "seen" }]);
    expect(commentOf(back)).toContain(`goes back to ${to}`);
    expect(statesOf(back)).toEqual(["In Progress"]);
    expect(effectsOf(back, "notification")).toHaveLength(1);
  });

  it("stops who works, whose run gives its developer run back (I5)", () => {
    const run = sampleRun("ET-001", { role: "reviewer", ending: null });
    const back = rolledBack(inReview({ status: "running", run }), ALICE, null, rules(), CAUSE);
    expect(back.runs).toMatchObject([{ id: run.id, ending: "superseded" }]);
    expect(back.item.developerRuns).toBe(1);
  });

  it("into development past the cap launches nobody: it is blocked until a retry (I6)", () => {
    const run = sampleRun("ET-001", { role: "reviewer", ending: null });
    const spent = inReview({ developerRuns: CAP, run, status: "running" });
    const back = rolledBack(spent, ALICE, null, rules(), CAUSE);
    expect(back.item).toMatchObject({ stage: "development", version: 4, status: "blocked" });
    expect(kinds(back)).not.toContain("flow");
    expect(effectsOf(back, "discard-flow")).toMatchObject([{ version: 3 }]);
    expect(back.runs).toMatchObject([{ id: run.id, ending: "superseded" }]);
    expect(effectsOf(back, "reaction")).toMatchObject([{ reaction: "seen" }]);
  });

  it("to an earlier stage than development doesn't count against the cap", () => {
    const spent = inReview({ developerRuns: CAP });
    expect(rolledBack(spent, ALICE, "analysis", rules(), CAUSE).item.status).toBe("waiting");
  });

  const nobody = (missing: Role) => rules({ hasAgent: (role) => role !== missing });
  it.each<[string, WorkItem, WorkStage | null, ReturnType<typeof rules>, string]>([
    ["the same stage", inReview(), "review", rules(), "/retry"],
    ["a later stage", inReview(), "testing", rules(), "comes after review"],
    [
      "a stage the pipeline lacks",
      afterRun({ stage: "development" }),
      "analysis",
      rules({ pipeline: pipeline("direct") }),
      "Its stages: development",
    ],
    ["what is before the first stage", afterRun({ stage: "analysis" }), null, rules(), "first"],
    ["a stage where nobody works", inReview(), "architecture", nobody("architect"), "No agent"],
    ["anything of what is done", sampleItem(1, { status: "done" }), null, rules(), "done already"],
    [
      "anything of what is cancelled",
      sampleItem(1, { status: "cancelled" }),
      null,
      rules(),
      "already",
    ],
  ])("to %s is refused with the reason", (_, item, asked, given, words) => {
    const answer = rolledBack(item, ALICE, asked, given, CAUSE);
    expect(answer.item).toEqual({ ...item, updatedAt: CAUSE.at });
    expect(kinds(answer)).toEqual(["reaction", "comment"]);
    expect(effectsOf(answer, "reaction")).toMatchObject([{ reaction: "refused" }]);
    expect(commentOf(answer)).toContain(words);
  });
});
