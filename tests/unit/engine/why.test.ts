import { describe, expect, it } from "vitest";
import { explain } from "../../../src/engine/why.js";
import { memoryWorkItems, sampleItem, sampleKey } from "../../support/memory-work-items.js";

const waiting = (number: number, ...blockers: number[]) => ({
  item: sampleItem(number, { status: "waiting", stage: "analysis", reason: "blockers" }),
  waitingOn: blockers.map(sampleKey),
});
const standing = (number: number, change: Parameters<typeof sampleItem>[1]) => ({
  item: sampleItem(number, change),
});

describe("why an item isn't moving", () => {
  it("is its own state when it waits for nobody", async () => {
    const items = memoryWorkItems([
      standing(1, { status: "needs-input", stage: "analysis", reason: "two questions" }),
    ]);
    expect(await explain(items, "ET-001")).toEqual({
      summary: "ET-001 needs input in analysis: two questions.",
      chain: [
        {
          issue: "gitea:acme/rocket#1",
          item: "ET-001",
          title: "Task 1",
          stage: "analysis",
          status: "needs-input",
          reason: "two questions",
        },
      ],
      release: ["Answer what ET-001 asks on its issue."],
    });
  });

  it("is found through blockers of blockers", async () => {
    const items = memoryWorkItems([
      standing(1, { status: "failed", reason: "exit code 1" }),
      waiting(2, 1),
      waiting(3, 2),
    ]);
    const why = await explain(items, "ET-003");
    expect(why?.summary).toBe(
      "ET-003 waits for ET-002, which waits for ET-001, which has failed in development: exit code 1.",
    );
    expect(why?.chain.map(({ item }) => item)).toEqual(["ET-003", "ET-002", "ET-001"]);
    expect(why?.release).toEqual([
      "Retry ET-001: `/retry` on its issue by an approver, or retry its failed job in the board.",
      "Or go on without it: `/unblock #1` on ET-002.",
    ]);
  });

  it("names the cause that most needs somebody, and what releases all of them", async () => {
    const items = memoryWorkItems([
      standing(1, { status: "running", reason: "" }),
      standing(2, { status: "cancelled", reason: "closed by alice" }),
      waiting(3, 1, 2),
    ]);
    const why = await explain(items, "ET-003");
    expect(why?.summary).toBe("ET-003 waits for ET-002, which was cancelled: closed by alice.");
    expect(why?.release).toHaveLength(3);
    expect(why?.release[2]).toBe("Nothing to do: ET-001 is being worked on.");
  });

  it("may be an issue that nobody carries", async () => {
    const why = await explain(memoryWorkItems([waiting(2, 7)]), "ET-002");
    expect(why?.summary).toBe(
      "ET-002 waits for acme/rocket#7, which is not carried by anybody here.",
    );
    expect(why?.chain[1]).toMatchObject({ issue: "gitea:acme/rocket#7", item: null, status: null });
    expect(why?.release[0]).toBe("Close acme/rocket#7, or assign it to the bot.");
  });

  it("may be a loop, which is named", async () => {
    const items = memoryWorkItems([waiting(1, 3), waiting(2, 1), waiting(3, 2)]);
    const why = await explain(items, "ET-001");
    expect(why?.summary).toBe(
      "ET-001 waits for ET-003, which waits for ET-002, which waits for ET-001: a loop.",
    );
    expect(why?.release[0]).toContain("ET-001 → ET-003 → ET-002 → ET-001");
  });

  it("may be a done blocker that isn't merged yet", async () => {
    const items = memoryWorkItems([standing(1, { status: "done", reason: "" }), waiting(2, 1)]);
    expect((await explain(items, "ET-002"))?.release[0]).toBe("Merge the pull request of ET-001.");
  });

  it("asks for nothing when the item is done", async () => {
    const items = memoryWorkItems([standing(1, { status: "done", stage: "done", reason: "" })]);
    expect(await explain(items, "ET-001")).toMatchObject({
      summary: "ET-001 is done.",
      release: ["Nothing: it is done."],
    });
  });

  it("is found in time when thousands block each other", async () => {
    const numbers = Array.from({ length: 3000 }, (_, index) => index + 1);
    const items = memoryWorkItems(numbers.map((number) => waiting(number, ...numbers.slice(-300))));
    const why = await explain(items, "ET-001");
    expect(why?.chain.length).toBeGreaterThan(1);
    expect(why?.release.length).toBeLessThanOrEqual(10);
  });

  it("is null for an item that isn't there", async () => {
    expect(await explain(memoryWorkItems([]), "ET-001")).toBeNull();
  });
});
