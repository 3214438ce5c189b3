import { fileURLToPath } from "node:url";
import { check } from "recheck";
import { describe, expect, it } from "vitest";
import { writtenPatterns } from "../support/regular-expressions.js";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

/** Slow on texts that never come here. Whatever else is slow on some text must be written anew. */
const NEVER_HOSTILE: Readonly<Record<string, string>> = {
  "\\/+$": "the end of an address that the operator configures",
  "^[a-z+]+:\\/\\/[^/]*?:([^/]+)@": "the operator's REDIS_URL",
  ":\\/\\/[^/]*?:(.+)@": "the operator's REDIS_URL",
  '<link\\b[^>]*\\bhref="(?:https?:)?\\/\\/[^>]*>': "Bull Board's own page, which holds no job",
};
/** Doubles of the trackers, which only the demo and the tests speak to. */
const isOfDemo = (file: string) => file.startsWith("demo");

describe("the code's regular expressions", () => {
  it("take time in proportion to the text, whatever it is", { timeout: 300_000 }, async () => {
    const patterns = writtenPatterns(SRC).filter(({ file }) => !isOfDemo(file));
    expect(patterns.length).toBeGreaterThan(200);
    const slow: string[] = [];
    const excused = new Set<string>();
    for (const { file, pattern, flags } of patterns) {
      const found = await check(pattern, flags, { timeout: 60_000 });
      if (found.status === "safe") continue;
      if (pattern in NEVER_HOSTILE) excused.add(pattern);
      else
        slow.push(
          `${file}: /${pattern}/${flags} is ${found.status}: ${found.status === "vulnerable" ? found.complexity.summary : found.error.kind}`,
        );
    }
    expect(slow).toEqual([]);
    expect([...excused].sort()).toEqual(Object.keys(NEVER_HOSTILE).sort());
  });

  it("would be found if they were slow", async () => {
    expect((await check("^(a+)+$", "")).status).toBe("vulnerable");
    expect((await check("\\s+$", "")).status).toBe("vulnerable");
  });
});
