import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { asLine } from "../../../src/demo/terminal.js";

const HAPPENING = {
  ms: 2_345,
  event: "comment",
  item: "ET-001",
  stage: "analysis",
  text: "alice on #1: :approved:",
} as const;
const plain = { width: 100, colour: false };

describe("a line of the demo", () => {
  it("stands in columns, with the item and stage it is about", () => {
    expect(asLine(HAPPENING, plain)).toBe(
      "  2.3 s  ET-001  analysis      ✎ alice on #1: :approved:",
    );
    const nobody = asLine({ ...HAPPENING, item: null, stage: null }, plain);
    expect(nobody.indexOf("✎")).toBe(asLine(HAPPENING, plain).indexOf("✎"));
  });

  it.each([60, 80, 100])("is cut to %d columns, coloured or not", (width) => {
    const long = { ...HAPPENING, text: "word ".repeat(60) };
    const line = asLine(long, { width, colour: false });
    expect(line).toHaveLength(width);
    expect(line.endsWith("…")).toBe(true);
    const coloured = asLine(long, { width, colour: true });
    expect(coloured).toContain("\u001b[");
    expect(stripVTControlCharacters(coloured)).toBe(line);
  });

  it("is one line whatever the text holds, and passes no control sequence on", () => {
    const hostile = { ...HAPPENING, text: "first\nsecond\u001b[31m\tred" };
    expect(asLine(hostile, plain)).toMatch(/✎ first second red$/);
  });

  it("marks what waits, goes back or fails whatever event it is", () => {
    const marks = (["waits", "back", "failed"] as const).map((mark) =>
      asLine({ ...HAPPENING, mark, text: "x" }, plain).at(-3),
    );
    expect(marks).toEqual(["◌", "◂", "✗"]);
  });
});
