import { describe, expect, it } from "vitest";
import { gitFailed } from "../../../src/workspace/git.js";

function codeOf(stderr: string): string {
  return gitFailed("add", { code: 128, stdout: Buffer.alloc(0), stderr }).code;
}

describe("what became of a git that failed", () => {
  it.each([
    "fatal: unable to write loose object file: No space left on device",
    "error: unable to write file README.md",
    "fatal: sha1 file 'items/ET-001/git/index.lock' write error. Out of diskspace",
    "error: unable to write file notes/a.txt: No space left on device\nfatal: adding files failed",
  ])("is a full disk where git says so: %s", (stderr) => {
    expect(codeOf(stderr)).toBe("disk-full");
  });

  it.each([
    "fatal: pathspec 'No space left on device' did not match any files",
    'error: open("a: No space left on device"): Permission denied',
    "",
  ])("is its own fault else: %s", (stderr) => {
    expect(codeOf(stderr)).toBe("git-failed");
  });
});
