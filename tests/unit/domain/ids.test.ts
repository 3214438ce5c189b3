import { describe, expect, it } from "vitest";
import { branchName, ITEM_ID, itemId, itemOfBranch, jobIds } from "../../../src/domain/ids.js";

describe("an item's id", () => {
  it.each([
    [1, "ET-001"],
    [42, "ET-042"],
    [999, "ET-999"],
    [1000, "ET-1000"],
    [123_456, "ET-123456"],
  ])("of count %d is %s", (count, id) => {
    expect(itemId("ET", count)).toBe(id);
    expect(id).toMatch(ITEM_ID);
  });

  it.each(["et-001", "ET-1", "ET-", "ET-001/x", "-ET-001", "../ET-001", "ET-001\n"])(
    "is not %j",
    (id) => {
      expect(ITEM_ID.test(id)).toBe(false);
    },
  );
});

describe("a branch name", () => {
  it("carries the id and a slug of the title", () => {
    expect(branchName("ET-001", "Add a retry to the sync job")).toBe(
      "feature/ET-001-add-a-retry-to-the-sync-job",
    );
  });

  it.each([
    ["no letters at all", "日本語 🚀", "feature/ET-001"],
    ["nothing", "", "feature/ET-001"],
    ["dots and slashes", "../../etc/passwd.lock", "feature/ET-001-etc-passwd-lock"],
    ["a leading dash", "--upload-pack=sh", "feature/ET-001-upload-pack-sh"],
    ["control and bidirectional characters", "a\u202Eb\u0000c", "feature/ET-001-a-b-c"],
  ])("survives a title of %s", (_, title, branch) => {
    expect(branchName("ET-001", title)).toBe(branch);
  });

  it("keeps to ASCII for accents and ligatures", () => {
    expect(branchName("ET-001", "Überprüfe ﬁnale Größe")).toMatch(/^feature\/ET-001-[a-z0-9-]+$/);
  });

  it("stays short and never ends in a dash", () => {
    const branch = branchName("ET-001", `${"a".repeat(39)} bcd ${"x".repeat(500)}`);
    expect(branch).toBe(`feature/ET-001-${"a".repeat(39)}`);
  });
});

describe("job ids", () => {
  const ids = [
    jobIds.advance("ET-001", 3, "run"),
    jobIds.gate("ET-001", 3, "run"),
    jobIds.run("ET-001", 3),
    jobIds.slot("ET-001", 3),
    jobIds.edge("ET-001", 3, "gitea:acme/rocket#160", 1),
    jobIds.edge("ET-001", 3, "gitea:acme/rocket#160", 2),
    jobIds.edge("ET-001", 3, "gitea:acme/rocket#161", 1),
  ];

  it("are all different, also for the generations of one edge", () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("have no colon and aren't all digits, as the queue demands", () => {
    for (const id of ids) {
      expect(id).not.toContain(":");
      expect(id).not.toMatch(/^\d+$/);
    }
  });
});

describe("the item of a branch", () => {
  it.each(["Add a retry to the sync job", "日本語 🚀", "007", "ET-002 again"])(
    "is told by its name, whatever the title: %s",
    (title) => {
      expect(itemOfBranch(branchName("ET-001", title))).toBe("ET-001");
    },
  );

  it.each([
    "main",
    "feature/none",
    "feature/ET-1",
    "fix/ET-001-x",
    "x/feature/ET-001",
    "feature/ET-001/x",
  ])("is none's: %s", (branch) => {
    expect(itemOfBranch(branch)).toBeNull();
  });
});
