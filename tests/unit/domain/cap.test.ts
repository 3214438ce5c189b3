import { describe, expect, it } from "vitest";
import { applyVerdict } from "../../../src/domain/applied-verdict.js";
import type { Stage } from "../../../src/domain/stage.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import type { Trigger } from "../../../src/domain/work-item.js";
import {
  applied,
  CAP,
  CAUSE,
  commentOf,
  failed,
  judged,
  kinds,
  rules,
  statesOf,
} from "./situation.js";

const findings = { artifact: "12-review.md", text: "Handle the empty list." };

describe("past the cap (I6)", () => {
  it.each<[Stage, Verdict, readonly string[]]>([
    ["development", failed("tests-local"), []],
    ["review", failed("reviewer-verdict", { findings }), []],
    ["testing", failed("tests-passed"), ["Blocked"]],
  ])("an item from %s stands blocked in development without a run", (stage, verdict, states) => {
    const blocked = applied(stage, verdict, { developerRuns: CAP });
    expect(blocked.item).toMatchObject({
      stage: "development",
      version: 4,
      status: "blocked",
      expectsRun: false,
      run: null,
    });
    expect(blocked.item.reason).toContain("3 of 3 developer runs are spent");
    expect(kinds(blocked)).not.toContain("flow");
    expect(kinds(blocked)).toEqual(expect.arrayContaining(["comment", "notification"]));
    expect(commentOf(blocked)).toContain("/retry");
    expect(statesOf(blocked)).toEqual(states);
    expect(blocked.history).toMatchObject([{ kind: "transition", from: stage, to: "development" }]);
  });

  it("counts granted runs", () => {
    const spent = { developerRuns: CAP + 1, grantedRuns: 1 };
    expect(applied("testing", failed("tests-passed"), spent).item.reason).toContain("4 of 4");
  });

  it.each<[string, Trigger, Verdict]>([
    ["red CI", "webhook", failed("ci-green", { reason: "CI failed: build." })],
    ["tests that still fail", "webhook", failed("tests-local")],
    ["somebody's look", "person", failed("tests-local")],
    ["CI that begins", "webhook", failed("ci-green", { pending: true })],
  ])("%s leaves a blocked item blocked, with its reason", (_, trigger, verdict) => {
    const blocked = { status: "blocked", reason: "3 of 3 spent.", developerRuns: CAP } as const;
    const { item } = applied("development", verdict, { ...blocked, expectsRun: false }, trigger);
    expect(item).toMatchObject({ status: "blocked", reason: "3 of 3 spent.", version: 3 });
  });

  it("doesn't tell again the failure that blocked the item (I11)", () => {
    const red = failed("ci-green", { reason: "CI failed: build." });
    const { item } = applied("development", red, { developerRuns: CAP });
    const seenAgain = applyVerdict(judged(item, red, "webhook", "d1"), "d1", rules(), CAUSE);
    expect(seenAgain?.effects).toEqual([]);
  });
});
