import { describe, expect, it } from "vitest";
import type { Measured } from "../../../bench/case.js";
import { type Report, resultOf, withReport } from "../../../bench/report.js";

const fast = {
  what: "ours ÷ theirs",
  goal: { kind: "at least", value: 0.9, unit: "" },
  detail: "9 ÷ 10",
} as const satisfies Omit<Measured, "values">;
const slow = { ...fast, goal: { kind: "at most", value: 25, unit: "ms" } } as const;
const told = { ...fast, goal: { kind: "none", unit: "commands" } } as const;

function reportOf(values: readonly number[], each: Omit<Measured, "values"> = fast): Report {
  const results = [resultOf("case", { ...each, values })];
  return { machine: "2 cores", quick: false, on: "2026-01-02", results };
}

describe("a measured case", () => {
  it("is judged by the median of its rounds, whatever one of them was", () => {
    expect(resultOf("case", { ...fast, values: [0.1, 0.92, 0.95] })).toMatchObject({
      median: 0.92,
      spread: [0.1, 0.95],
      reached: true,
    });
    expect(resultOf("case", { ...fast, values: [0.8, 0.84] }).median).toBeCloseTo(0.82);
    expect(resultOf("case", { ...fast, values: [0.8, 0.84] }).reached).toBe(false);
  });

  it("misses an upper bound by being above it", () => {
    expect(resultOf("case", { ...slow, values: [25] }).reached).toBe(true);
    expect(resultOf("case", { ...slow, values: [26] }).reached).toBe(false);
  });
});

describe("the README's table", () => {
  const readme =
    "# Fleet\n\n<!-- bench: npm run bench -- --write -->\nold\n<!-- /bench -->\n\nMore.\n";

  it("takes the place of the last one, and touches nothing else", () => {
    const once = withReport(readme, reportOf([0.95]));
    expect(once).toContain("| ours ÷ theirs | at least 0.90 | 0.95 | 0.95 to 0.95 | 9 ÷ 10 |");
    expect(once).not.toContain("old");
    expect(once.startsWith("# Fleet\n\n<!--")).toBe(true);
    expect(once.endsWith("<!-- /bench -->\n\nMore.\n")).toBe(true);
    expect(withReport(once, reportOf([0.95]))).toBe(once);
  });

  it("says where a goal is missed, in the goal's unit", () => {
    expect(withReport(readme, reportOf([31.4], slow))).toContain(
      "| at most 25 ms | 31 ms (missed)",
    );
  });

  it("leaves the aim of what is only told empty, and never misses it", () => {
    const report = reportOf([9], told);
    expect(report.results[0]?.reached).toBe(true);
    expect(withReport(readme, report)).toContain("| ours ÷ theirs |  | 9 commands |");
  });

  it("refuses a text without its place", () => {
    expect(() => withReport("# Fleet\n", reportOf([1]))).toThrow(/no place/);
  });
});
