import { describe, expect, it } from "vitest";
import { isUnopened, openingFailed, openingWentOn } from "../../../src/domain/opening.js";
import { retried } from "../../../src/domain/people.js";
import type { Pipeline } from "../../../src/domain/pipeline.js";
import type { Transition } from "../../../src/domain/transition.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem } from "../../support/memory-work-items.js";
import { ALICE, CAUSE, commentOf, effectsOf, kinds, rules } from "./situation.js";

const inReview = (changes: Partial<WorkItem> = {}) =>
  sampleItem(1, { stage: "review", status: "waiting", run: null, expectsRun: true, ...changes });
const WHY = "Gitea answered 503.";

function failedOn(item: WorkItem): Transition {
  const failed = openingFailed(item, WHY, CAUSE);
  if (failed === null) throw new Error("nothing followed");
  return failed;
}

describe("a pull request that can't be opened", () => {
  it("leaves its item failed, its slot free and a person told, at the same version (I3)", () => {
    const item = inReview();
    const failed = failedOn(item);
    expect(failed.item).toMatchObject({ stage: "review", status: "failed", version: item.version });
    expect(failed.item.reason).toContain(WHY);
    expect(kinds(failed)).toEqual(["release-slot", "comment", "status-comment", "notification"]);
    expect(commentOf(failed)).toContain(WHY);
  });

  it("is told once, and not of an item that has ended (I9)", () => {
    expect(openingFailed(failedOn(inReview()).item, WHY, CAUSE)).toBeNull();
    expect(openingFailed(inReview({ status: "cancelled" }), WHY, CAUSE)).toBeNull();
  });

  it("and is opened after all lets who waits for an agent wait in a new flow", () => {
    const { item } = failedOn(inReview());
    const on = openingWentOn(item, CAUSE);
    expect(on?.item).toMatchObject({ status: "waiting", version: item.version + 1 });
    expect(on && isUnopened(on.item)).toBe(false);
    expect(on && kinds(on)).toEqual(["status-comment", "discard-flow", "flow"]);
  });

  it("and is opened after all lets a gate that waits alone look", () => {
    const { item } = failedOn(inReview({ expectsRun: false }));
    const on = openingWentOn(item, CAUSE);
    expect(on?.item).toMatchObject({ status: "waiting", version: item.version, reported: null });
    expect(on && kinds(on)).toEqual(["status-comment"]);
  });

  it("changes nothing when it is opened where nothing was amiss", () => {
    expect(openingWentOn(inReview(), CAUSE)).toBeNull();
  });

  it("is tried again on a /retry, also in a stage where nobody works", () => {
    const alone: Pipeline = { name: "x", steps: [{ stage: "review", gate: "review-approved" }] };
    const { item } = failedOn(inReview({ expectsRun: false }));
    const again = retried(item, ALICE, rules({ pipeline: alone }), CAUSE);
    expect(again.item).toMatchObject({ stage: "review", version: item.version + 1 });
    expect(effectsOf(again, "flow")).toMatchObject([{ run: false, evaluation: "entered" }]);
    expect(effectsOf(again, "reaction")).toMatchObject([{ reaction: "seen" }]);
  });
});
