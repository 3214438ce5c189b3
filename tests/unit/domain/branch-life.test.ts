import { describe, expect, it } from "vitest";
import {
  branchDeleted,
  isHeld,
  pullRequestClosed,
  pullRequestMerged,
  pullRequestReopened,
} from "../../../src/domain/branch-life.js";
import type { Transition } from "../../../src/domain/transition.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { afterRun, CAUSE, commentOf, effectsOf, HEAD, kinds, rules } from "./situation.js";

const ENDED = [sampleItem(1, { status: "done" }), sampleItem(1, { status: "cancelled" })];
const working = () =>
  sampleItem(1, { head: HEAD, run: sampleRun("ET-001", { ending: null, finishedAt: null }) });

function sure(transition: Transition | null): Transition {
  if (transition === null) throw new Error("nothing followed");
  return transition;
}

describe("a merged pull request", () => {
  it("makes the item done from any stage, for a reason that is true", () => {
    const done = sure(pullRequestMerged(working(), 9, rules(), CAUSE));
    expect(done.item).toMatchObject({
      stage: "done",
      status: "done",
      version: 4,
      reason: "Pull request #9 was merged.",
    });
    expect(done.runs).toMatchObject([{ ending: "superseded" }]);
    expect(effectsOf(done, "discard-flow")).toMatchObject([{ version: 3 }]);
    expect(commentOf(done)).toContain("ET-001 is done.");
  });

  it("that the item waited for ends it without another change of stage", () => {
    const waiting = sampleItem(1, { stage: "done", status: "waiting" });
    const done = sure(pullRequestMerged(waiting, 9, rules(), CAUSE));
    expect(done.item).toMatchObject({ stage: "done", status: "done", version: 3 });
  });

  it.each(ENDED)("changes nothing of an item that has ended (I9)", (item) => {
    expect(pullRequestMerged(item, 9, rules(), CAUSE)).toBeNull();
  });
});

describe("a pull request closed by a person", () => {
  it("stops the agent and holds the item under a new version (I3, I5)", () => {
    const held = sure(pullRequestClosed(working(), 9, CAUSE));
    expect(held.item).toMatchObject({ version: 4, status: "needs-input", stage: "development" });
    expect(held.item.run).toMatchObject({ ending: "cancelled" });
    expect(held.runs).toMatchObject([{ ending: "cancelled" }]);
    expect(isHeld(held.item)).toBe(true);
    expect(pullRequestClosed(held.item, 9, CAUSE)).toBeNull();
  });

  it.each(["failed", "blocked"] as const)("is only told where the item is %s already", (status) => {
    const item = afterRun({ status, reason: "why" });
    const told = sure(pullRequestClosed(item, 9, CAUSE));
    expect(told.item).toEqual({ ...item, updatedAt: CAUSE.at });
    expect(kinds(told)).toEqual(["comment"]);
  });

  it("is no news where the branch was deleted, which closes it", () => {
    const lost = sure(branchDeleted(working(), true, CAUSE));
    expect(pullRequestClosed(lost.item, 9, CAUSE)).toBeNull();
  });

  it.each(ENDED)("changes nothing of an item that has ended (I9)", (item) => {
    expect(pullRequestClosed(item, 9, CAUSE)).toBeNull();
  });
});

describe("a pull request opened again", () => {
  const heldAfter = (item: WorkItem) => sure(pullRequestClosed(item, 9, CAUSE)).item;

  it("lets the gate look at what the run left", () => {
    const on = sure(pullRequestReopened(heldAfter(afterRun()), 9, rules(), CAUSE));
    expect(on.item).toMatchObject({ version: 4, status: "running", reported: null });
    expect(effectsOf(on, "flow")).toMatchObject([{ version: 4, evaluation: "run", run: false }]);
  });

  it("lets an agent that was stopped work again", () => {
    const on = sure(pullRequestReopened(heldAfter(working()), 9, rules(), CAUSE));
    expect(on.item).toMatchObject({ version: 5, status: "waiting", stage: "development" });
    expect(effectsOf(on, "flow")).toMatchObject([{ version: 5, run: true }]);
  });

  it.each<[string, WorkItem, number]>([
    ["another than the one that was closed", heldAfter(afterRun()), 8],
    ["one of an item that isn't held", afterRun(), 9],
  ])("means nothing: %s", (_, item, number) => {
    expect(pullRequestReopened(item, number, rules(), CAUSE)).toBeNull();
  });
});

describe("a deleted branch", () => {
  it("blocks the item, whose next run begins anew (I12)", () => {
    const approval = { by: "alice", commit: HEAD, at: CAUSE.at };
    const lost = sure(branchDeleted({ ...working(), approval }, true, CAUSE));
    expect(lost.item).toMatchObject({
      version: 4,
      status: "blocked",
      head: null,
      stageCommit: null,
      approval: null,
      run: null,
    });
    expect(lost.runs).toMatchObject([{ ending: "cancelled" }]);
    expect(branchDeleted(lost.item, true, CAUSE)).toBeNull();
  });

  it("is no loss to an item that has none yet, or that has ended", () => {
    expect(branchDeleted(sampleItem(1, { status: "waiting" }), true, CAUSE)).toBeNull();
    for (const item of ENDED)
      expect(branchDeleted({ ...item, head: HEAD }, true, CAUSE)).toBeNull();
  });
});
