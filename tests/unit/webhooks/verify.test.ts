import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSignedBy } from "../../../src/webhooks/verify.js";

const body = Buffer.from('{"a": "\\u00fc", "b": 65535.0}');
const hex = createHmac("sha256", "s").update(body).digest("hex");

describe("a signature", () => {
  it("holds over exactly the bytes that were signed", () => {
    expect(isSignedBy(["s"], body, hex)).toBe(true);
    expect(isSignedBy(["s"], body, hex.toUpperCase())).toBe(true);
    expect(isSignedBy(["s"], Buffer.from('{"a":"ü","b":65535}'), hex)).toBe(false);
  });

  it("holds under any one of several secrets, wherever it stands", () => {
    expect(isSignedBy(["s", "t"], body, hex)).toBe(true);
    expect(isSignedBy(["t", "s"], body, hex)).toBe(true);
    expect(isSignedBy(["t", "u"], body, hex)).toBe(false);
    expect(isSignedBy([], body, hex)).toBe(false);
  });

  it("never holds under an empty secret", () => {
    const forged = createHmac("sha256", "").update(body).digest("hex");
    expect(isSignedBy([""], body, forged)).toBe(false);
    expect(isSignedBy(["", "s"], body, forged)).toBe(false);
    expect(isSignedBy(["", "s"], body, hex)).toBe(true);
  });

  for (const malformed of ["", hex.slice(1), `${hex}00`, hex + hex, `sha256=${hex}`, ` ${hex}`]) {
    it(`doesn't hold when it is ${JSON.stringify(malformed.slice(0, 12))}… (${malformed.length})`, () => {
      expect(isSignedBy(["s"], body, malformed)).toBe(false);
    });
  }
});
