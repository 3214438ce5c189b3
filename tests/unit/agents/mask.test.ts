import { describe, expect, it } from "vitest";
import { createMasker } from "../../../src/agents/mask.js";

const SECRET = "s3cr3t/token+42";
const { mask, maskCut, stream } = createMasker([SECRET, "", "abc"]);

describe("masking", () => {
  it.each([
    ["plain", SECRET],
    ["hex", Buffer.from(SECRET).toString("hex")],
    ["upper-case hex", Buffer.from(SECRET).toString("hex").toUpperCase()],
    ["percent-encoded", encodeURIComponent(SECRET)],
    ["base64", Buffer.from(SECRET).toString("base64").replace(/=+$/, "")],
    ["base64url", Buffer.from(SECRET).toString("base64url")],
  ])("replaces a secret that stands %s", (_, form) => {
    expect(mask(`before ${form} after`)).toMatch(/^before \*\*\*\S{0,2} after$/);
  });

  it.each([1, 2, 3, 4])("finds base64 that begins %i bytes before the secret", (before) => {
    const encoded = Buffer.from(`${"u".repeat(before)}${SECRET}:more`).toString("base64");
    expect(mask(encoded)).toContain("***");
  });

  it("leaves other text alone, also what equals an empty or tiny secret", () => {
    expect(mask("abc and nothing else")).toBe("abc and nothing else");
    expect(createMasker([]).mask("text")).toBe("text");
  });

  it("masks what a cut left of a secret at either end, and nothing that is whole", () => {
    const [front, back] = [SECRET.slice(0, 9), SECRET.slice(-9)];
    expect(maskCut(`${back} and ${SECRET} and ${front}`)).toBe("*** and *** and ***");
    expect(maskCut("exit code 1: the token is missing")).toBe("exit code 1: the token is missing");
    expect(maskCut("")).toBe("");
  });

  it("finds a secret that is cut anywhere between two pieces", () => {
    for (let cut = 1; cut < SECRET.length; cut += 1) {
      const pieces = stream();
      const shown = [
        pieces.push(`log: ${SECRET.slice(0, cut)}`),
        pieces.push(`${SECRET.slice(cut)} end`),
        pieces.end(),
      ];
      expect(shown.join("")).toBe("log: *** end");
    }
  });

  it("shows at once what can't become a secret", () => {
    const pieces = stream();
    expect(pieces.push("hello\n")).toBe("hello\n");
    expect(pieces.push("s3cr3t")).toBe("");
    expect(pieces.end()).toBe("s3cr3t");
  });
});
