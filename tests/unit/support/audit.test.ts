import { describe, expect, it } from "vitest";
import { BUILT_IN_PIPELINES } from "../../../src/domain/pipeline.js";
import { EMPTY_REPORT, type RunRecord } from "../../../src/domain/run.js";
import type { Stage } from "../../../src/domain/stage.js";
import type { HistoryEntry } from "../../../src/domain/work-item.js";
import { type ItemRecords, violations } from "../../support/audit.js";
import { afterRun } from "../domain/situation.js";

const CAP = 3;
const DIRECT = BUILT_IN_PIPELINES.direct ?? { name: "direct", steps: [] };
const FULL = BUILT_IN_PIPELINES.full ?? { name: "full", steps: [] };

function entry(kind: HistoryEntry["kind"], from: Stage | null, to: Stage | null): HistoryEntry {
  const said = { gate: null, passed: null, reason: "because", evidence: "", commit: null };
  return { at: "2026-03-02T09:00:00Z", kind, from, to, cause: `${kind} of ${from}`, ...said };
}

const RUN: RunRecord = {
  id: "ET-001-v1-a1",
  version: 1,
  stage: "development",
  role: "developer",
  attempt: 1,
  ending: "succeeded",
  reason: "",
  model: null,
  startedAt: "2026-03-02T09:00:00Z",
  finishedAt: "2026-03-02T09:01:00Z",
  usage: EMPTY_REPORT.usage,
  costUsd: 0,
  commitBefore: null,
  commitAfter: "a".repeat(40),
  wrote: [],
};

const DONE = afterRun({
  stage: "done",
  status: "done",
  reason: "All stages passed.",
  version: 2,
  run: null,
  expectsRun: false,
  verdicts: {},
  consumed: [],
  developerRuns: 1,
  grantedRuns: 0,
});

const SOUND: ItemRecords = {
  item: DONE,
  history: [
    entry("started", null, "development"),
    { ...entry("run", "development", "development"), commit: "a".repeat(40) },
    entry("transition", "development", "done"),
  ],
  runs: [RUN],
  owed: [],
  inOutbox: false,
  slot: { holder: null, grant: null, ready: null },
};

/** What stands in an item's records, and what is said of it. */
const PLANTED: readonly (readonly [string, Partial<ItemRecords>])[] = [
  ["only done is done", { item: { ...DONE, status: "waiting" } }],
  ["the status has no reason", { item: { ...DONE, reason: " " } }],
  [
    "moved it twice",
    {
      history: [
        ...SOUND.history.slice(0, 2),
        { ...entry("transition", "development", "development"), cause: "one cause" },
        { ...entry("transition", "development", "done"), cause: "one cause" },
      ],
      item: { ...DONE, version: 3 },
    },
  ],
  ["but it was in done", { history: [...SOUND.history, entry("transition", null, "done")] }],
  [
    "merged before it had passed",
    { history: [...SOUND.history.slice(0, 2), entry("transition", "done", "done")] },
  ],
  ["its history ends in development", { history: SOUND.history.slice(0, 2) }],
  ["moves, version 1", { item: { ...DONE, version: 1 } }],
  ["runs stay open", { runs: [RUN, { ...RUN, id: "ET-001-v1-a2", ending: null }] }],
  ["succeeded twice", { runs: [RUN, { ...RUN, id: "ET-001-v1-a2" }] }],
  ["developer runs, 0 counted", { item: { ...DONE, developerRuns: 0 } }],
  ["past the cap", { item: { ...DONE, developerRuns: CAP + 1 } }],
  ["still owed", { owed: [{ id: "e", kind: "status-comment" }] }],
  ["in the outbox", { inOutbox: true }],
  ["version 1 keeps a holder", { slot: { ...SOUND.slot, holder: 1 } }],
  ["version 1 keeps a grant", { slot: { ...SOUND.slot, grant: 1 } }],
  ["version 1 keeps a ready", { slot: { ...SOUND.slot, ready: 1 } }],
];

describe("the auditor of work items", () => {
  it("finds nothing wrong with an item that went its way", () => {
    expect(violations(SOUND, DIRECT, CAP)).toEqual([]);
  });

  it("lets a run that others closed keep its slot for its lease, and no other run", () => {
    const slot = { ...SOUND.slot, holder: 1, run: RUN.id };
    const closed = { ...RUN, ending: "cancelled", commitAfter: null } as const;
    const kept = expect.stringContaining("keeps a holder");
    expect(violations({ ...SOUND, slot, runs: [closed] }, DIRECT, CAP)).not.toContainEqual(kept);
    expect(violations({ ...SOUND, slot }, DIRECT, CAP)).toContainEqual(kept);
  });

  it("lets the merge of one that has passed, and what kept it from it, be no move", () => {
    const merge = (cause: string) => ({ ...entry("transition", "done", "done"), cause });
    const history = [...SOUND.history, merge("merge"), merge("merge"), merge("merge of #3")];
    expect(violations({ ...SOUND, history }, DIRECT, CAP)).toEqual([]);
    const closed = { ...DONE, status: "cancelled", reason: "Its issue was closed." } as const;
    expect(violations({ ...SOUND, item: closed }, DIRECT, CAP)).toEqual([]);
  });

  it.each(PLANTED)("says %s", (words, changes) => {
    const found = violations({ ...SOUND, ...changes }, DIRECT, CAP);
    expect(found).toEqual(expect.arrayContaining([expect.stringContaining(words)]));
  });

  it.each([
    ["development", "analysis"],
    ["testing", "review"],
    ["analysis", "deploy"],
  ] as const)("says that no edge leads from %s to %s", (from, to) => {
    const history = [entry("transition", from, to)];
    const found = violations({ ...SOUND, history }, FULL, CAP);
    expect(found).toContainEqual(expect.stringContaining(`from ${from} to ${to}`));
  });
});
