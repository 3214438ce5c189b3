import { describe, expect, it } from "vitest";
import { readOptions } from "../../../chaos/options.js";

describe("chaos' command line", () => {
  it("takes a seed and minutes", () => {
    expect(readOptions(["--seed", "42", "--minutes", "1.5", "--keep"])).toEqual({
      kind: "play",
      options: { seed: 42, minutes: 1.5, keep: true },
    });
  });

  it("chooses a seed where none is given", () => {
    const asked = readOptions([]);
    if (asked.kind !== "play") throw new Error(asked.kind);
    expect(asked.options).toMatchObject({ minutes: 3, keep: false });
    expect(asked.options.seed).toBeGreaterThanOrEqual(0);
    expect(asked.options.seed).toBeLessThan(2 ** 32);
  });

  it("gives help", () => {
    expect(readOptions(["--help"])).toEqual({ kind: "help" });
  });

  it.each([
    [["--seed", "many"], "--seed must be"],
    [["--seed", "4294967296"], "--seed must be"],
    [["--seed=-1"], "--seed must be"],
    [["--minutes", "0"], "--minutes must be"],
    [["--minutes", "61"], "--minutes must be"],
    [["--minutes", "1e1"], "--minutes must be"],
    [["--hours", "1"], "--hours"],
    [["now"], "now"],
  ])("refuses %j and says what is wrong", (args, why) => {
    expect(readOptions(args)).toMatchObject({ kind: "refused", why: expect.stringContaining(why) });
  });
});
