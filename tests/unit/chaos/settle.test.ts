import { describe, expect, it } from "vitest";
import { patience } from "../../../chaos/settle.js";

const LONGEST_MS = 100_000;

/** Patience, and what its clock shows, in ms. */
function patient() {
  let now = 0;
  const isOver = patience(LONGEST_MS, () => now);
  return (at: number, open: number) => {
    now = at;
    return isOver(open);
  };
}

describe("how long chaos waits for a fleet to settle", () => {
  it("is the given time where nothing moves any more", () => {
    const isOver = patient();
    expect(isOver(0, 7)).toBe(false);
    expect(isOver(LONGEST_MS, 7)).toBe(false);
    expect(isOver(LONGEST_MS + 1, 7)).toBe(true);
  });

  it("is longer while something comes to its end, and until 40 s after", () => {
    const isOver = patient();
    expect(isOver(0, 7)).toBe(false);
    expect(isOver(90_000, 6)).toBe(false);
    expect(isOver(129_999, 6)).toBe(false);
    expect(isOver(130_000, 6)).toBe(true);
  });

  it("isn't longer for what was gained after it was lost", () => {
    const isOver = patient();
    expect(isOver(0, 3)).toBe(false);
    expect(isOver(80_000, 9)).toBe(false);
    expect(isOver(99_000, 3)).toBe(false);
    expect(isOver(LONGEST_MS + 1, 4)).toBe(true);
  });

  it("is twice the given time at most", () => {
    const isOver = patient();
    for (let at = 0; at <= 2 * LONGEST_MS; at += 10_000) {
      expect(isOver(at, 1_000 - at / 1_000)).toBe(false);
    }
    expect(isOver(2 * LONGEST_MS + 1, 1)).toBe(true);
  });
});
