import { describe, expect, it } from "vitest";
import { inTurns, takeTurns } from "../../../bench/rounds.js";
import { median, percentile } from "../../../bench/statistics.js";

/** Sides that note when their turn comes, and did so much in it. */
function notedSides() {
  const order: string[] = [];
  const side = (name: string, rates: number[]) => async () => {
    order.push(name);
    return rates.shift() ?? 0;
  };
  return { order, side };
}

describe("two sides in turns", () => {
  it("change who begins with each round, and leave the first out", async () => {
    const { order, side } = notedSides();
    const compared = await inTurns(
      3,
      side("ours", [1, 20, 30, 40]),
      side("theirs", [9, 10, 10, 5]),
    );
    expect(order.join(" ")).toBe("ours theirs theirs ours theirs ours ours theirs");
    expect(compared).toEqual({ ours: [20, 30, 40], theirs: [10, 10, 5], ratios: [2, 3, 8] });
  });
});

describe("more sides in turns", () => {
  it("go forth and back, each with its own values", async () => {
    const { order, side } = notedSides();
    const values = await takeTurns(5, [
      side("a", [0, 1, 2, 3, 4, 5]),
      side("b", [0, 6, 7, 8, 9, 10]),
      side("c", [0, 11, 12, 13, 14, 15]),
    ]);
    expect(order.join("").match(/.../g)).toEqual(["abc", "cba", "bca", "acb", "cab", "bac"]);
    expect(values).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
      [11, 12, 13, 14, 15],
    ]);
  });
});

describe("what a sample says", () => {
  it("is its middle, or the mean of both in the middle", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(() => median([])).toThrow(/nothing was measured/);
  });

  it("is the value that a share of all are not above", () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile([3], 0.99)).toBe(3);
  });
});
