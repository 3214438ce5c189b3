import { describe, expect, it } from "vitest";
import { countsOf } from "../../../src/domain/counts.js";
import { cancelled } from "../../../src/domain/item-life.js";
import { EMPTY_REPORT } from "../../../src/domain/run.js";
import { type RunEnd, runEnded, runEndedLate } from "../../../src/domain/run-ended.js";
import { runStarted } from "../../../src/domain/run-life.js";
import { entering, historyEntry, noted, type Transition } from "../../../src/domain/transition.js";
import { sampleItem } from "../../support/memory-work-items.js";
import { CAP, CAUSE, rules } from "./situation.js";

const waiting = sampleItem(1, { status: "waiting", run: null });
const running = runStarted(waiting, "developer", null, CAUSE).item;
const END: RunEnd = {
  ending: "silent",
  reason: "because",
  report: EMPTY_REPORT,
  commitBefore: null,
  commitAfter: null,
  wrote: [],
};

function counted(before: typeof running, transition: Transition | null) {
  if (transition === null) throw new Error("nothing happened");
  return countsOf(before, transition);
}

function endingsCounted(before: typeof running, transition: Transition | null) {
  return counted(before, transition)
    .filter(({ name }) => name === "run_endings")
    .map(({ labels }) => labels);
}

describe("what a transition counts", () => {
  it("is a run's end, by role and ending", () => {
    const ended = runEnded(running, "ET-001-v3-a1", END, CAUSE, CAP);
    expect(endingsCounted(running, ended)).toEqual([{ role: "developer", ending: "silent" }]);
  });

  it("is a run that others closed: cancelled, replaced or taken over", () => {
    expect(endingsCounted(running, cancelled(running, "closed", CAUSE))).toEqual([
      { role: "developer", ending: "cancelled" },
    ]);
    const runCause = { kind: "retried", reason: "r", artifact: null, detail: "" } as const;
    const entered = entering(running, "review", CAUSE, rules(), { reason: "r", runCause });
    expect(endingsCounted(running, entered)).toEqual([{ role: "developer", ending: "superseded" }]);
    const again = runStarted(running, "developer", null, CAUSE);
    expect(endingsCounted(running, again)).toEqual([{ role: "developer", ending: "superseded" }]);
  });

  it("is nothing where no run ends, and none twice", () => {
    expect(endingsCounted(waiting, runStarted(waiting, "developer", null, CAUSE))).toEqual([]);
    const { item } = cancelled(running, "closed", CAUSE);
    const late = item.run && runEndedLate(item, item.run, END, CAUSE);
    expect(endingsCounted(item, late)).toEqual([]);
  });

  it("is the run's duration, in the first bound that holds it", () => {
    const later = { ...CAUSE, at: new Date(Date.parse(CAUSE.at) + 61_500).toISOString() };
    const ended = runEnded(running, "ET-001-v3-a1", END, later, CAP);
    expect(counted(running, ended)).toEqual(
      expect.arrayContaining([
        { name: "run_seconds", labels: { role: "developer", le: "120" } },
        { name: "run_seconds_sum", labels: { role: "developer" }, by: 61.5 },
      ]),
    );
  });

  it("is a move from stage to stage, and what a gate said", () => {
    const runCause = { kind: "entered", reason: "r", artifact: null, detail: "" } as const;
    const entered = entering(waiting, "review", CAUSE, rules(), { reason: "r", runCause });
    expect(counted(waiting, entered)).toEqual([
      { name: "transitions", labels: { from: waiting.stage, to: "review" } },
    ]);
    const entry = historyEntry(CAUSE, "verdict", {
      reason: "red",
      gate: "tests-local",
      passed: false,
    });
    expect(counted(waiting, noted(waiting, CAUSE, {}, [entry], []))).toEqual([
      { name: "gate_verdicts", labels: { gate: "tests-local", verdict: "failed" } },
    ]);
  });

  it("is what a run used, also where its item had moved on", () => {
    const report = { ...EMPTY_REPORT, usage: { inputTokens: 11, outputTokens: 7 }, costUsd: 0.25 };
    const { item } = cancelled(running, "closed", CAUSE);
    const late = item.run && runEndedLate(item, item.run, { ...END, report }, CAUSE);
    const { project } = item;
    expect(counted(item, late)).toEqual([
      { name: "tokens", labels: { project, direction: "input" }, by: 11 },
      { name: "tokens", labels: { project, direction: "output" }, by: 7 },
      { name: "cost_usd", labels: { project }, by: 0.25 },
    ]);
  });
});
