import { describe, expect, it } from "vitest";
import { RUN_ENDINGS, type RunEnding } from "../../../src/domain/run.js";
import {
  afterEnding,
  NO_RETRIES,
  transientDelay,
  withEnding,
} from "../../../src/domain/run-retry.js";

const HOUR = 3_600_000;
const START = Date.parse("2026-03-02T10:00:00.000Z");
const at = (ms: number) => new Date(START + ms).toISOString();

/** The counts after these endings, a minute apart. */
function countsAfter(...endings: RunEnding[]) {
  return endings.reduce(
    (counts, ending, index) => withEnding(counts, ending, at(index * 60_000)),
    NO_RETRIES,
  );
}

describe("what follows a run's ending", () => {
  it.each(["timed_out", "silent"] as const)("%s: once more, then it has failed", (ending) => {
    expect(afterEnding(ending, countsAfter(ending), at(0), true)).toEqual({ kind: "again" });
    expect(afterEnding(ending, countsAfter(ending, ending), at(0), true)).toMatchObject({
      kind: "failed",
      because: expect.stringContaining("second time"),
    });
  });

  it("forgives a time limit and a silence, each once", () => {
    expect(afterEnding("silent", countsAfter("timed_out", "silent"), at(0), true).kind).toBe(
      "again",
    );
  });

  it.each(["timed_out", "silent"] as const)("%s: not again where no run is left", (ending) => {
    expect(afterEnding(ending, countsAfter(ending), at(0), false)).toMatchObject({
      kind: "failed",
      because: expect.stringContaining("no developer run is left"),
    });
  });

  it("transient: again for six hours since the first of the row, then it has failed", () => {
    const row = countsAfter(...Array<RunEnding>(100).fill("transient"));
    expect(row.transient).toBe(100);
    expect(afterEnding("transient", row, at(6 * HOUR - 1), false).kind).toBe("again");
    expect(afterEnding("transient", row, at(6 * HOUR), true)).toMatchObject({
      kind: "failed",
      because: expect.stringContaining("100 tries"),
    });
  });

  it.each(["timed_out", "limited"] as const)("a row of transient ends with %s", (ending) => {
    const counts = withEnding(countsAfter("transient", "transient"), ending, at(HOUR));
    expect(counts).toMatchObject({ transient: 0, transientSince: null });
  });

  it.each(["cancelled", "superseded"] as const)("but not with %s", (ending) => {
    const counts = withEnding(countsAfter("transient"), ending, at(HOUR));
    expect(counts).toMatchObject({ transient: 1, transientSince: at(0) });
  });

  it.each<[RunEnding, string]>([
    ["succeeded", "gate"],
    ["failed", "failed"],
    ["timed_out", "again"],
    ["silent", "again"],
    ["transient", "again"],
    ["limited", "paused"],
    ["cancelled", "again"],
    ["superseded", "again"],
    ["over_budget", "paused"],
  ])("%s the first time: %s", (ending, kind) => {
    expect(RUN_ENDINGS).toContain(ending);
    expect(afterEnding(ending, countsAfter(ending), at(0), true).kind).toBe(kind);
  });
});

describe("the delay after transient endings", () => {
  it("is spread from nothing to 10 s, doubling to 5 min", () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 100].map((row) => transientDelay(row, 0.999_999));
    const seconds = ceilings.map((ms) => Math.round(ms / 1_000));
    expect(seconds).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(transientDelay(5, 0)).toBe(0);
  });
});
