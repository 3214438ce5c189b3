import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { safeBranch, safeItem, safePath, safeProject } from "../../../src/workspace/safe-names.js";

const GOOD = ["main", "release/1.0", "feature/ET-001-add-search", "a_b/c+d=e#f", "v2"];
const BAD = [
  "",
  "-x",
  "--upload-pack=touch",
  "a/-b",
  "a..b",
  "a/../b",
  "/a",
  "a/",
  "a//b",
  ".a",
  "a/.b",
  "a.",
  "a.lock",
  "a.lock/b",
  "a b",
  "a\nb",
  "a\u0000b",
  "a~1",
  "a^",
  "a:b",
  "a?*[",
  "a\\b",
  "@",
  "a@{1}",
  "HEAD",
  "feature/\u202etxt",
  "a\u200bb",
  "größe",
  "x".repeat(201),
];

describe("branch names", () => {
  it.each(GOOD)("allows %j, as git does", (name) => {
    expect(safeBranch(name)).toBe(name);
    expect(spawnSync("git", ["check-ref-format", `refs/heads/${name}`]).status).toBe(0);
  });

  it.each(BAD)("refuses %j", (name) => {
    expect(() => safeBranch(name)).toThrow(expect.objectContaining({ code: "unsafe-name" }));
  });
});

describe("other names", () => {
  it("allows items and projects by their form alone", () => {
    expect(safeItem("ET-1000")).toBe("ET-1000");
    expect(safeProject("rocket-2.0")).toBe("rocket-2.0");
    for (const id of ["et-001", "ET-1", "ET-001/..", "../ET-001", "ET-001\n"]) {
      expect(() => safeItem(id)).toThrow();
    }
    for (const name of ["", ".", "..", "a/b", "-a", "a..b", "a.lock", "a\u202e"]) {
      expect(() => safeProject(name)).toThrow();
    }
  });

  it("refuses paths that lead out of a tree or into its repository", () => {
    expect(safePath("docs/work-items/ET-001/00 task.md")).toBe("docs/work-items/ET-001/00 task.md");
    for (const path of ["", "/etc", "a/../b", "./a", "a//b", ".git/config", "a/.GIT/x", "a\nb"]) {
      expect(() => safePath(path)).toThrow();
    }
  });
});
