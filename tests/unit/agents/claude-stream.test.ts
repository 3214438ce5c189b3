import { describe, expect, it } from "vitest";
import { LIMIT_WITHOUT_TIME_MS, limitedUntil, resetIn } from "../../../src/agents/claude-limits.js";
import { createClaudeStream } from "../../../src/agents/claude-stream.js";

const RESULT = JSON.stringify({
  type: "result",
  subtype: "success",
  is_error: false,
  result: "größer 🚀\nline",
});

function stream() {
  let output = "";
  const reader = createClaudeStream((text) => {
    output += text;
  });
  return { reader, output: () => output };
}

describe("the stream of the claude CLI", () => {
  it("is read however it is cut into chunks", () => {
    for (const size of [1, 2, 3, 7, 64]) {
      const { reader } = stream();
      const text = `first\n${RESULT}\n`;
      for (let at = 0; at < text.length; at += size)
        reader.push(text.slice(at, at + size), "stdout");
      const { session, lastPlain } = reader.end();
      expect(session.result?.result).toBe("größer 🚀\nline");
      expect(lastPlain).toBe("first");
    }
  });

  it("keeps stderr apart from a line of stdout it comes in the middle of", () => {
    const { reader, output } = stream();
    reader.push(RESULT.slice(0, 20), "stdout");
    reader.push("a warning\n", "stderr");
    reader.push(RESULT.slice(20), "stdout");
    expect(reader.end().session.result?.subtype).toBe("success");
    expect(output()).toContain("a warning\n");
  });

  it("leaves a giant line out without keeping it, and reads on", () => {
    const { reader, output } = stream();
    const mebibyte = "x".repeat(1024 * 1024);
    reader.push('{"type":"user","message":"', "stdout");
    for (let count = 0; count < 9; count += 1) reader.push(mebibyte, "stdout");
    reader.push(`"}\n${RESULT}`, "stdout");
    expect(reader.end().session.result?.subtype).toBe("success");
    expect(output()).toMatch(
      /^\[a line of 94\d+ characters is left out\]\n\[success, \? turns\]\n$/,
    );
  });
});

describe("the time a limit ends", () => {
  // 10:20:30 in Berlin, 14:05:30+05:45 in Kathmandu.
  const now = Date.parse("2026-07-01T08:20:30Z");

  it.each([
    ["Claude AI usage limit reached|1782900000", 1_782_900_000],
    ["hit your session limit · resets 11am (Europe/Berlin)", "2026-07-01T09:00:00Z"],
    ["hit your limit · resets 9:30am (Europe/Berlin)", "2026-07-02T07:30:00Z"],
    ["Your limit will reset at 12am (UTC).", "2026-07-02T00:00:00Z"],
    ["resets 3pm (Asia/Kathmandu)", "2026-07-01T09:15:00Z"],
    ["resets 10:20am (Europe/Berlin)", "2026-07-01T08:21:00Z"],
    ["resets 3pm (Nowhere/Land)", null],
    ["resets Oct 9 at 5pm (UTC)", null],
  ])("is read from: %s", (text, expected) => {
    const time = typeof expected === "string" ? Date.parse(expected) : expected;
    expect(resetIn(text, now)).toBe(time);
  });

  it("is the first possible one that was told, else a while away", () => {
    const hour = now + 3_600_000;
    expect(limitedUntil([now / 1000 - 5, hour], now)).toEqual(new Date(hour));
    expect(limitedUntil([null, now + 1e12], now)).toEqual(new Date(now + LIMIT_WITHOUT_TIME_MS));
  });
});
