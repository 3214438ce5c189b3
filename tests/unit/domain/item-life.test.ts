import { describe, expect, it } from "vitest";
import {
  cancelled,
  edited,
  evaluationAsked,
  type NewItem,
  replanned,
  started,
} from "../../../src/domain/item-life.js";
import { DEFAULT_METADATA } from "../../../src/domain/metadata.js";
import { runEnded } from "../../../src/domain/run-ended.js";
import { hasPendingRun, isFinished, type WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { CAUSE, effectsOf, judged, kinds, passed, pipeline, rules, statesOf } from "./situation.js";

const NEWS: NewItem = {
  id: "ET-001",
  project: "rocket",
  issue: { tracker: "gitea", repo: "acme/rocket", number: 161 },
  order: 161,
  title: "Retry the sync",
  url: null,
  branch: "feature/ET-001-retry-the-sync",
  metadata: DEFAULT_METADATA,
  issueUpdatedAt: "2026-03-02T09:00:00Z",
};
const waiting = (changes: Partial<WorkItem> = {}) =>
  sampleItem(1, { status: "waiting", run: null, expectsRun: true, ...changes });

describe("an item that starts", () => {
  it.each([
    ["full", "analysis"],
    ["direct", "development"],
  ] as const)("stands at the first stage of the %s pipeline, version 1 (I3)", (name, stage) => {
    const { item } = started(NEWS, pipeline(name), rules({ pipeline: pipeline(name) }), CAUSE);
    expect(item).toMatchObject({ ...NEWS, stage, version: 1, status: "waiting", pipeline: name });
    expect(item).toMatchObject({ developerRuns: 0, grantedRuns: 0, costUsd: 0, heard: [] });
  });

  it("owes its flow, a status comment and the state In Progress", () => {
    const start = started(NEWS, pipeline("full"), rules(), CAUSE);
    expect(effectsOf(start, "flow")).toMatchObject([{ version: 1, run: true, evaluation: "run" }]);
    expect(kinds(start)).toContain("status-comment");
    expect(statesOf(start)).toEqual(["In Progress"]);
    expect(start.history).toMatchObject([{ kind: "started", from: null, to: "analysis" }]);
  });
});

describe("a cancelled item", () => {
  const before = judged(sampleItem(1), passed("tests-local"));
  const end = cancelled(before, "The issue was closed.", CAUSE);

  it("stays in its stage under a new version, where old jobs do nothing (I3)", () => {
    expect(end.item).toMatchObject({
      stage: "development",
      version: 4,
      status: "cancelled",
      reason: "The issue was closed.",
      expectsRun: false,
      verdicts: {},
    });
    expect(isFinished(end.item)).toBe(true);
  });

  it("gives back what its old version holds", () => {
    expect(effectsOf(end, "discard-flow")).toMatchObject([{ version: 3 }]);
    expect(kinds(end)).not.toContain("meet-dependents");
  });

  it("isn't brought back by the end of its agent (I5, I9)", () => {
    const run = sampleRun("ET-001", { ending: null, finishedAt: null });
    const { item } = cancelled({ ...before, run }, "The issue was closed.", CAUSE);
    expect(item.run).toMatchObject({ ending: "cancelled", finishedAt: CAUSE.at });
    const report = { usage: { inputTokens: 1, outputTokens: 1 }, costUsd: 1 };
    const late = { reason: "it was stopped", report, commitBefore: null, commitAfter: null };
    for (const ending of ["cancelled", "succeeded", "failed"] as const) {
      expect(runEnded(item, run.id, { ...late, ending, wrote: [] }, CAUSE, 3)).toBeNull();
    }
  });

  it("keeps the ending of a run that had ended", () => {
    const run = sampleRun("ET-001", { ending: "failed" });
    expect(cancelled({ ...before, run }, "Enough.", CAUSE).item.run).toEqual(run);
  });
});

describe("an edited issue", () => {
  it("changes what we know of it and nothing else", () => {
    const item = waiting();
    const metadata = { ...DEFAULT_METADATA, blockedBy: [160] };
    const news = { title: "New", metadata, issueUpdatedAt: "2026-03-03T00:00:00Z" };
    const change = edited(item, news, CAUSE);
    expect(change.item).toEqual({ ...item, ...news, updatedAt: CAUSE.at });
    expect(change.history).toMatchObject([{ kind: "edited" }]);
    expect(kinds(change)).toEqual(["status-comment"]);
  });
});

describe("planning a waiting item anew", () => {
  it("replaces its flow by one of the next version (I3)", () => {
    const plan = replanned(waiting(), CAUSE);
    expect(plan?.item).toMatchObject({ version: 4, stage: "development", status: "waiting" });
    expect(plan?.effects).toMatchObject([
      { kind: "discard-flow", version: 3 },
      { kind: "flow", version: 4, run: true },
    ]);
  });

  it.each(["transient", "limited", "cancelled"] as const)(
    "is done to one whose agent ended %s, with attempts counted anew (I3)",
    (ending) => {
      const plan = replanned(waiting({ run: sampleRun("ET-001", { ending }) }), CAUSE);
      expect(plan?.item).toMatchObject({ version: 4, run: null });
    },
  );

  it.each<[string, WorkItem]>([
    ["runs", waiting({ status: "running" })],
    ["has an agent at work", waiting({ run: sampleRun("ET-001", { ending: null }) })],
    ["has succeeded", waiting({ run: sampleRun("ET-001") })],
    ["waits for CI", waiting({ expectsRun: false })],
    ["is done", waiting({ status: "done" })],
    ["is cancelled", waiting({ status: "cancelled" })],
    ["is blocked", waiting({ status: "blocked" })],
  ])("isn't done to one that %s", (_, item) => {
    expect(replanned(item, CAUSE)).toBeNull();
  });
});

describe("a look at the gate", () => {
  it("adds an evaluation of this version without a run", () => {
    const asked = evaluationAsked(waiting(), "c812", "person", CAUSE);
    expect(asked.item.version).toBe(3);
    expect(asked.effects).toMatchObject([
      { kind: "flow", version: 3, evaluation: "c812", trigger: "person", run: false },
    ]);
  });
});

describe("a pending run", () => {
  it.each<[string, boolean, Partial<WorkItem>]>([
    ["before its agent started", true, { run: null }],
    ["while its agent works", true, { run: sampleRun("ET-001", { ending: null }) }],
    ["before it is tried again", true, { run: sampleRun("ET-001", { ending: "transient" }) }],
    ["once it has succeeded", false, { run: sampleRun("ET-001") }],
    ["where none was launched", false, { expectsRun: false, run: null }],
  ])("%s: %s", (_, pending, changes) => {
    expect(hasPendingRun(waiting(changes))).toBe(pending);
  });
});
