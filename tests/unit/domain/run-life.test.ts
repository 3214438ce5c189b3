import { describe, expect, it } from "vitest";
import { cancelled } from "../../../src/domain/item-life.js";
import { RUN_ENDINGS, type RunEnding, spendsDeveloperRun } from "../../../src/domain/run.js";
import { type RunEnd, runEnded, runEndedLate } from "../../../src/domain/run-ended.js";
import { failureToRepeat, runId, runStarted, startRefusal } from "../../../src/domain/run-life.js";
import { entering, type Transition } from "../../../src/domain/transition.js";
import type { ItemStatus, WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { CAP, CAUSE, commentOf, effectsOf, HEAD, kinds, OLDER, rules } from "./situation.js";

const LATER = { ...CAUSE, at: "2026-03-02T10:05:00.000Z" };
const REPORT = { usage: { inputTokens: 100, outputTokens: 10 }, costUsd: 0.5, model: "sonnet-5" };

const waiting = (changes: Partial<WorkItem> = {}) =>
  sampleItem(1, { status: "waiting", run: null, developerRuns: 0, head: OLDER, ...changes });

function end(ending: RunEnding, changes: Partial<RunEnd> = {}): RunEnd {
  return {
    ending,
    reason: "because",
    report: REPORT,
    commitBefore: OLDER,
    commitAfter: ending === "succeeded" ? HEAD : null,
    wrote: [],
    ...changes,
  };
}

function runsThrough(ending: RunEnding, changes: Partial<WorkItem> = {}): Transition {
  const { item } = runStarted(waiting(changes), "developer", "sonnet", CAUSE);
  const ended = runEnded(item, "ET-001-v3-a1", end(ending), LATER, CAP);
  if (ended === null) throw new Error("the run was not the item's own");
  return ended;
}

describe("an agent's start", () => {
  it("is allowed for a waiting version, its failed attempts included", () => {
    expect(startRefusal(waiting(), 3)).toBeNull();
    for (const ending of RUN_ENDINGS.filter((kind) => kind !== "succeeded")) {
      const tried = waiting({ run: sampleRun("ET-001", { ending }) });
      expect(startRefusal(tried, 3)).toBeNull();
    }
  });

  it.each<[string, WorkItem | null, RegExp]>([
    ["without an item", null, /no such item/],
    ["of a version that was replaced (I3)", waiting({ version: 4 }), /replaced by 4/],
    ["of a cancelled item (I9)", waiting({ status: "cancelled" }), /cancelled/],
    ["of a done item (I9)", waiting({ status: "done" }), /done/],
    ["where only the gate looks", waiting({ expectsRun: false }), /launches no agent/],
    ["after the run succeeded (I1)", waiting({ run: sampleRun("ET-001") }), /has succeeded/],
  ])("is refused %s", (_, item, reason) => {
    expect(startRefusal(item, 3)).toMatch(reason);
  });

  it("opens a record without touching stage or version (I3)", () => {
    const { item, runs } = runStarted(waiting(), "developer", "sonnet", CAUSE);
    expect(item).toMatchObject({ stage: "development", version: 3, status: "running" });
    expect(item.run).toMatchObject({
      id: "ET-001-v3-a1",
      attempt: 1,
      ending: null,
      finishedAt: null,
      startedAt: CAUSE.at,
      commitBefore: OLDER,
    });
    expect(runs).toEqual([]);
  });

  it("takes an open run over from a worker that was lost, and closes its record (I5)", () => {
    const first = runStarted(waiting(), "developer", "sonnet", CAUSE).item;
    const second = runStarted(first, "developer", "sonnet", LATER);
    expect(second.item.run).toMatchObject({ id: "ET-001-v3-a2", attempt: 2, ending: null });
    expect(second.runs).toMatchObject([
      { id: "ET-001-v3-a1", ending: "superseded", finishedAt: LATER.at },
    ]);
    expect(second.item.developerRuns).toBe(0);
  });

  it("counts on from an attempt that ended, whose record stays as it is (I5)", () => {
    const failed = runsThrough("failed").item;
    const again = runStarted(failed, "developer", "sonnet", LATER);
    expect(again.item.run).toMatchObject({ id: "ET-001-v3-a2", ending: null });
    expect(again.runs).toEqual([]);
  });

  it("has an id of item, version and attempt", () => {
    expect(runId(waiting(), 7)).toBe("ET-001-v3-a7");
  });
});

describe("a run's end (I5)", () => {
  const running = runStarted(waiting(), "developer", "sonnet", CAUSE).item;

  it.each<[string, WorkItem, string]>([
    ["of another run", running, "ET-001-v3-a2"],
    [
      "of a run that was taken over",
      runStarted(running, "developer", null, LATER).item,
      "ET-001-v3-a1",
    ],
    ["of a run that ended before", runsThrough("failed").item, "ET-001-v3-a1"],
    ["of an item without a run", waiting(), "ET-001-v3-a1"],
  ])("%s changes nothing", (_, item, run) => {
    expect(runEnded(item, run, end("succeeded"), LATER, CAP)).toBeNull();
  });

  it("closes the record with what was reported", () => {
    const { item } = runsThrough("succeeded");
    expect(item.run).toMatchObject({
      ending: "succeeded",
      reason: "because",
      finishedAt: LATER.at,
      model: "sonnet-5",
      usage: REPORT.usage,
      costUsd: 0.5,
      commitBefore: OLDER,
      commitAfter: HEAD,
    });
    expect(item).toMatchObject({ head: HEAD, version: 3, stage: "development" });
  });

  it("adds usage and cost to the item's life", () => {
    const { item } = runsThrough("failed", { usage: REPORT.usage, costUsd: 1 });
    expect(item.usage).toEqual({ inputTokens: 200, outputTokens: 20 });
    expect(item.costUsd).toBe(1.5);
  });

  it("keeps the head where nothing was pushed", () => {
    expect(runsThrough("failed").item.head).toBe(OLDER);
  });

  it("remembers where the branch began if nobody knew", () => {
    expect(runsThrough("succeeded", { head: null, stageCommit: null }).item.stageCommit).toBe(
      OLDER,
    );
    expect(runsThrough("succeeded", { stageCommit: HEAD }).item.stageCommit).toBe(HEAD);
  });

  const TABLE: readonly [RunEnding, number, ItemStatus][] = [
    ["succeeded", 1, "running"],
    ["failed", 1, "failed"],
    ["timed_out", 1, "waiting"],
    ["silent", 1, "waiting"],
    ["transient", 0, "waiting"],
    ["limited", 0, "paused"],
    ["cancelled", 0, "waiting"],
    ["superseded", 0, "waiting"],
    ["over_budget", 0, "paused"],
  ];

  it("knows every ending", () => {
    expect(TABLE.map(([ending]) => ending)).toEqual([...RUN_ENDINGS]);
  });

  it.each(TABLE)("%s spends %i developer runs; the item is %s (I6)", (ending, spent, status) => {
    const ended = runsThrough(ending);
    expect(spendsDeveloperRun({ ending })).toBe(spent === 1);
    expect(ended.item).toMatchObject({ developerRuns: spent, status });
    expect(ended.item.reason).not.toBe("");
    expect(effectsOf(ended, "release-slot")).toMatchObject([{ version: 3, run: "ET-001-v3-a1" }]);
    expect(ended.history).toMatchObject([{ kind: "run" }]);
    expect(kinds(ended).includes("notification")).toBe(status === "failed");
    expect(commentOf(ended).includes("/retry")).toBe(status === "failed");
  });

  it.each(RUN_ENDINGS.map((ending) => [ending]))(
    "%s of another role spends none (I6)",
    (ending) => {
      const { item } = runStarted(waiting({ stage: "review" }), "reviewer", null, CAUSE);
      expect(runEnded(item, "ET-001-v3-a1", end(ending), LATER, CAP)?.item.developerRuns).toBe(0);
    },
  );
});

/** Starts and ends runs of one version, one after the other. */
function tries(endings: readonly RunEnding[], changes: Partial<WorkItem> = {}): WorkItem {
  return endings.reduce((item, ending) => {
    const started = runStarted(item, "developer", "sonnet", CAUSE).item;
    const ended = runEnded(started, started.run?.id ?? "", end(ending), LATER, CAP);
    if (ended === null) throw new Error("the run was not the item's own");
    return ended.item;
  }, waiting(changes));
}

describe("a run's own retries", () => {
  it("end with the second time limit or silence, which people are told", () => {
    expect(tries(["timed_out", "silent"]).status).toBe("waiting");
    const item = tries(["timed_out", "timed_out"]);
    expect(item).toMatchObject({ status: "failed", developerRuns: 2 });
    expect(item.reason).toBe("because; for the second time");
    expect(item.run?.reason).toBe(item.reason);
  });

  it("end where the cap is spent, with the reason (I6)", () => {
    const item = tries(["silent"], { developerRuns: CAP - 1 });
    expect(item).toMatchObject({ status: "failed", developerRuns: CAP });
    expect(item.reason).toMatch(/no developer run is left/);
  });

  it("spend nothing when they are transient, however many", () => {
    const item = tries(Array<RunEnding>(100).fill("transient"));
    expect(item).toMatchObject({ status: "waiting", developerRuns: 0 });
    expect(item.run).toMatchObject({ attempt: 100, retries: { transient: 100 } });
  });

  it("count anew when a person retries the job, and go on counting when it is taken over", () => {
    const failed = tries(["timed_out", "timed_out"]);
    const byHand = { failures: 1, afterFault: false };
    const again = runStarted(failed, "developer", null, LATER, byHand).item;
    expect(again.run?.retries).toMatchObject({ timedOut: 0 });
    const once = tries(["timed_out"]);
    const next = runStarted(once, "developer", null, LATER).item;
    expect(runStarted(next, "developer", null, LATER).item.run?.retries).toMatchObject({
      timedOut: 1,
    });
  });

  it("count anew in another version", () => {
    const next = entering(tries(["silent"]), "development", LATER, rules(), {
      reason: "again",
      runCause: { kind: "retried", reason: "again", artifact: null, detail: "" },
    }).item;
    expect(runStarted(next, "developer", null, LATER).item.run?.retries).toMatchObject({
      silent: 0,
    });
  });
});

describe("the job of a run that failed for good", () => {
  const failed = tries(["failed"]);

  it.each([
    ["its worker died before it failed", { failures: 0, afterFault: false }],
    ["a fault came before it failed, and the queue tries again", { failures: 1, afterFault: true }],
  ])("fails again with the same words: %s", (_, start) => {
    expect(failureToRepeat(failed, start)).toBe("failed: because");
  });

  it("starts when a person retries it, as often as that", () => {
    expect(failureToRepeat(failed, { failures: 1, afterFault: false })).toBeNull();
    const byHand = { failures: 1, afterFault: false };
    const { item } = runStarted(failed, "developer", null, LATER, byHand);
    const twice = runEnded(item, "ET-001-v3-a2", end("failed"), LATER, CAP)?.item ?? item;
    expect(failureToRepeat(twice, byHand)).toBe("failed: because");
    expect(failureToRepeat(twice, { failures: 2, afterFault: false })).toBeNull();
  });

  it("starts where the run may be tried again", () => {
    for (const ending of ["transient", "timed_out", "limited", "cancelled"] as const) {
      expect(failureToRepeat(tries([ending]), { failures: 0, afterFault: false })).toBeNull();
    }
  });
});

describe("the end of a run whose item moved on", () => {
  const running = runStarted(waiting({ costUsd: 1 }), "developer", "sonnet", CAUSE).item;
  const record = sampleRun("ET-001", { ending: "superseded", finishedAt: CAUSE.at });
  const moved = sampleItem(1, { version: 4, run: null, costUsd: 1, status: "waiting" });

  it("counts what it used, once, and changes nothing else (I5, I9)", () => {
    const stopped = cancelled(running, "The issue was closed.", CAUSE).item;
    const own = stopped.run ?? record;
    const late = runEndedLate(stopped, own, end("cancelled"), LATER);
    expect(late?.item).toMatchObject({ status: "cancelled", version: 4, costUsd: 1.5 });
    expect(late?.item.run).toMatchObject({
      ending: "cancelled",
      reason: "The issue was closed.",
      finishedAt: LATER.at,
      usage: REPORT.usage,
      costUsd: 0.5,
    });
    expect(runEndedLate(late?.item ?? stopped, own, end("cancelled"), LATER)).toBeNull();
  });

  it("counts for an earlier version's record as well, and leaves the item's own run", () => {
    const late = runEndedLate(moved, record, end("cancelled"), LATER);
    expect(late?.item).toMatchObject({ version: 4, run: null, costUsd: 1.5 });
    expect(late?.runs).toMatchObject([{ id: record.id, ending: "superseded", costUsd: 0.5 }]);
    const counted = late?.runs?.[0] ?? record;
    expect(runEndedLate(moved, counted, end("cancelled"), LATER)).toBeNull();
  });

  it("leaves an open record to its own end", () => {
    expect(runEndedLate(moved, { ...record, ending: null }, end("cancelled"), LATER)).toBeNull();
  });
});
