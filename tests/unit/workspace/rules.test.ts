import { describe, expect, it } from "vitest";
import { ABSENT, type Change } from "../../../src/workspace/changes.js";
import { putBacks, touchedProtected } from "../../../src/workspace/rules.js";

const ZERO = "0".repeat(40);
const OLD = { mode: "100644", object: "1".repeat(40) };
const NEW = { mode: "100644", object: "2".repeat(40) };
const NONE = { mode: ABSENT, object: ZERO };
const LINK = { mode: "120000", object: "3".repeat(40) };
const FOLDER = "docs/work-items/ET-001";

const change = (path: string, before: Change["before"], after: Change["after"]): Change => ({
  path,
  before,
  after,
});

describe("what is put back", () => {
  it.each([
    ["another role's artifact", "developer", change(`${FOLDER}/12-review.md`, OLD, NEW), OLD],
    ["another role's new artifact", "developer", change(`${FOLDER}/12-review.md`, NONE, NEW), NONE],
    ["a deleted artifact", "tester", change(`${FOLDER}/02-brd.md`, OLD, NONE), OLD],
    [
      "another item's artifact",
      "analyst",
      change("docs/work-items/ET-002/02-brd.md", OLD, NEW),
      OLD,
    ],
    ["a link instead of an artifact", "analyst", change(`${FOLDER}/02-brd.md`, OLD, LINK), OLD],
    ["a link in the folder's way", "analyst", change("docs/work-items", NONE, LINK), NONE],
    ["a link further up", "analyst", change("docs", NONE, LINK), NONE],
    [
      "a conflict by one who may not",
      "developer",
      change(`${FOLDER}/10-conflict.md`, OLD, NEW),
      NONE,
    ],
  ] as const)("%s", (_, role, changed, entry) => {
    expect(putBacks("ET-001", role, [changed])).toEqual([{ path: changed.path, entry }]);
  });

  it.each([
    ["its own artifact", "architect", change(`${FOLDER}/06-adr/001-x.md`, NONE, NEW)],
    ["its verdict not written again", "reviewer", change(`${FOLDER}/12-review.md`, OLD, NONE)],
    ["answered questions", "developer", change(`${FOLDER}/01-questions.md`, OLD, NONE)],
    ["code", "developer", change("src/a.ts", OLD, LINK)],
  ] as const)("not %s", (_, role, changed) => {
    expect(putBacks("ET-001", role, [changed])).toEqual([]);
  });
});

describe("protected paths", () => {
  it("are globs, dots included, also where a link replaces the folder", () => {
    const globs = [".github/**", "*.lock"];
    const paths = ["src/a.ts", ".github/workflows/ci.yml", ".github", "a.lock", "src/b.lock"];
    expect(touchedProtected(globs, paths)).toEqual([
      ".github",
      ".github/workflows/ci.yml",
      "a.lock",
    ]);
    expect(touchedProtected([], paths)).toEqual([]);
    const withLineEnd = ".github/workflows/c\ni.yml";
    expect(touchedProtected(globs, [withLineEnd])).toEqual([withLineEnd]);
  });
});
