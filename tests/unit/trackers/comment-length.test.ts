import { describe, expect, it } from "vitest";
import { fittingComment } from "../../../src/trackers/comment-length.js";

const bytes = (text: string) => Buffer.byteLength(text);

describe("a comment that is too long", () => {
  it("keeps whole lines from its beginning and says how much is left out", () => {
    const text = "0123456789\n".repeat(20_000);
    const short = fittingComment(text);
    const [kept = "", note] = short.split("\n\n");
    expect(bytes(short)).toBeLessThan(60_100);
    expect(text.startsWith(kept)).toBe(true);
    expect(kept.endsWith("\n0123456789")).toBe(true);
    expect(note).toBe(
      `_Shortened: ${(text.length - kept.length).toLocaleString("en-US")} more characters._`,
    );
  });

  it.each(["```", "~~~~"])("closes a code block the cut left open (%s)", (fence) => {
    const short = fittingComment(`Log:\n${fence}text\n${"line\n".repeat(20_000)}${fence}\n`);
    expect(short.split("\n").slice(-3)).toEqual([fence, "", expect.stringMatching("Shortened")]);
  });

  it("opens no block where the last one was closed", () => {
    const short = fittingComment(`\`\`\`js\ncode\n\`\`\`\n${"line\n".repeat(20_000)}`);
    expect(short.match(/```/g)).toHaveLength(2);
  });

  it("is cut inside a line that is all of it, between characters", () => {
    const short = fittingComment("é".repeat(100_000));
    expect(short).toMatch(/^é+\n\n_Shortened/);
    expect(bytes(short)).toBeGreaterThan(59_000);
  });
});

it("leaves a comment that fits as it is", () => {
  const text = "x".repeat(60_000);
  expect(fittingComment(text)).toBe(text);
});
