import { describe, expect, it } from "vitest";
import { STAGES, type Stage } from "../../../src/domain/stage.js";
import { entering, noted, numbered } from "../../../src/domain/transition.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { afterRun, CAUSE, HEAD, judged, kinds, OLDER, passed, rules } from "./situation.js";

const WHY = {
  reason: "It passed.",
  runCause: { kind: "entered", reason: "It passed.", artifact: null, detail: "" },
} as const;

const enter = (to: Stage, changes = {}) =>
  entering(afterRun({ stage: "analysis", ...changes }), to, CAUSE, rules(), WHY);

describe("effects' ids (I4)", () => {
  const two = [{ kind: "status-comment" }, { kind: "status-comment" }] as const;

  it("are the same whoever computes the transition", () => {
    expect(numbered(sampleItem(1), CAUSE, two)).toEqual(numbered(sampleItem(1), CAUSE, two));
  });

  it("differ by item, version, cause and place", () => {
    const other = { ...CAUSE, id: "c2" };
    const ids = [
      ...numbered(sampleItem(1), CAUSE, two),
      ...numbered(sampleItem(2), CAUSE, two),
      ...numbered(sampleItem(1, { version: 4 }), CAUSE, two),
      ...numbered(sampleItem(1), other, two),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("can be job ids: without a colon, never all digits", () => {
    for (const { id } of numbered(sampleItem(1), CAUSE, two)) {
      expect(id).not.toContain(":");
      expect(id).not.toMatch(/^\d+$/);
    }
  });
});

describe("a change that is only noted", () => {
  it("keeps stage and version and stamps the time (I3)", () => {
    const item = sampleItem(1);
    const { item: next } = noted(item, CAUSE, { title: "Other" }, [], []);
    expect(next).toEqual({ ...item, title: "Other", updatedAt: CAUSE.at });
  });
});

describe("entering a stage", () => {
  it.each(STAGES.map((stage) => [stage]))("%s raises the version by one (I3)", (stage) => {
    expect(enter(stage).item).toMatchObject({ stage, version: 4 });
  });

  it("forgets what belonged to the version before", () => {
    const before = {
      ...judged(afterRun(), passed("tests-local")),
      consumed: ["d1"],
      reported: "something",
      approval: { by: "alice", commit: OLDER, at: CAUSE.at },
      approvalRequested: OLDER,
    };
    expect(entering(before, "review", CAUSE, rules(), WHY).item).toMatchObject({
      run: null,
      verdicts: {},
      consumed: [],
      reported: null,
      approval: null,
      questionsOpen: false,
      approvalRequested: null,
      stageCommit: HEAD,
    });
  });

  it("keeps what belongs to the item's life", () => {
    const life = { developerRuns: 2, grantedRuns: 1, heard: ["812"], costUsd: 1.5 };
    expect(enter("architecture", life).item).toMatchObject(life);
  });

  it("closes the record of a run that was still open (I5)", () => {
    const run = sampleRun("ET-001", { ending: null, finishedAt: null });
    expect(enter("done", { run }).runs).toEqual([
      { ...run, ending: "superseded", reason: "the item moved on", finishedAt: CAUSE.at },
    ]);
    expect(enter("done").runs).toEqual([]);
  });

  it.each<[Stage, string[]]>([
    ["architecture", ["flow", "status-comment", "notification"]],
    ["review", ["flow", "status-comment", "notification"]],
    ["done", ["meet-dependents", "tracker-state", "status-comment", "notification"]],
  ])("%s owes the world %j", (stage, owed) => {
    expect(kinds(enter(stage))).toEqual(owed);
  });
});
