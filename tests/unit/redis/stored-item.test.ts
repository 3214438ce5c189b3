import { describe, expect, it } from "vitest";
import type { HistoryEntry, WorkItem } from "../../../src/domain/work-item.js";
import { packEntry, packItem, unpackEntry, unpackItem } from "../../../src/redis/stored-item.js";
import { sampleItem } from "../../support/memory-work-items.js";

const CAUSE = {
  kind: "entered",
  reason: "The issue was taken on.",
  artifact: null,
  detail: "",
} as const satisfies WorkItem["cause"];
const BLANK = sampleItem(1, {
  cause: CAUSE,
  usage: { inputTokens: 0, outputTokens: 0 },
  costUsd: 0,
  updatedAt: "2026-03-01T09:00:00.000Z",
});
const FULL = sampleItem(2, {
  cause: { ...CAUSE, kind: "gate-failed", artifact: "12-review.md", detail: "the findings" },
  metadata: {
    estimatedContext: 900,
    difficulty: "hard",
    assignedAgent: "opus",
    blocks: [7],
    blockedBy: ["acme/probe#3"],
  },
  verdicts: {
    run: {
      version: 3,
      trigger: "run",
      verdict: { gate: "tests-local", passed: false, reason: "no", evidence: "", commit: null },
    },
  },
  consumed: ["run"],
  heard: ["gitea:812"],
  questionsOpen: true,
  head: "a".repeat(40),
  developerRuns: 2,
  usage: { inputTokens: 0, outputTokens: 12 },
  costUsd: 0.5,
  allowedPaths: ["src/old.ts"],
});

describe("a stored item", () => {
  it.each([
    ["a blank one", BLANK],
    ["a full one", FULL],
  ])("is read as it was written: %s", (_, item) => {
    expect(unpackItem(packItem(item))).toEqual(item);
  });

  it("has no room for what is as in a blank one", () => {
    const stored = JSON.parse(packItem(BLANK));
    for (const absent of [
      "run",
      "verdicts",
      "heard",
      "approval",
      "usage",
      "costUsd",
      "updatedAt",
    ]) {
      expect(stored).not.toHaveProperty(absent);
    }
    expect(stored.cause).toEqual({ kind: CAUSE.kind, reason: CAUSE.reason });
  });

  it("may have been written whole by an older version", () => {
    for (const item of [BLANK, FULL]) expect(unpackItem(JSON.stringify(item))).toEqual(item);
  });

  it("shares nothing with another one", () => {
    const [one, other] = [unpackItem(packItem(BLANK)), unpackItem(packItem(BLANK))];
    expect(one.heard).not.toBe(other.heard);
  });
});

it("an entry of the history is read as it was written, and without its empty fields", () => {
  const entry: HistoryEntry = {
    at: "2026-03-02T10:00:00.000Z",
    kind: "verdict",
    from: null,
    to: null,
    cause: "run ET-001-v3-a1",
    gate: "tests-local",
    passed: false,
    reason: "exit code 1",
    evidence: "",
    commit: null,
  };
  expect(unpackEntry(packEntry(entry))).toEqual(entry);
  expect(JSON.parse(packEntry(entry))).not.toHaveProperty("evidence");
  expect(unpackEntry(JSON.stringify(entry))).toEqual(entry);
});
