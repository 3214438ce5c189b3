import { describe, expect, it } from "vitest";
import { benchCommand, type Options } from "../../../bench/options.js";

function parsed(...args: string[]): Options {
  return benchCommand(["receiver", "drain"])
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(args, { from: "user" })
    .opts<Options>();
}

describe("the bench's options", () => {
  it("write the table of a whole run", () => {
    expect(parsed("--write")).toMatchObject({ write: true, quick: false });
  });

  it.each([["--quick"], ["--only", "drain"]])("refuse to write what %s leaves of it", (...part) => {
    expect(() => parsed("--write", ...part)).toThrow(/'--write' cannot be used with option/);
    expect(parsed(...part).write).toBe(false);
  });

  it("refuse a case that isn't there", () => {
    expect(() => parsed("--only", "nothing")).toThrow(/receiver, drain/);
  });
});
