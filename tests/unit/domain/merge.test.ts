import { describe, expect, it } from "vitest";
import type { AtEnd } from "../../../src/domain/ending.js";
import { mergeAskedAgain, mergeRefused, mergeSucceeded } from "../../../src/domain/merge.js";
import { entering, type Transition } from "../../../src/domain/transition.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem } from "../../support/memory-work-items.js";
import { CAUSE, rules } from "./situation.js";

const PLAIN: AtEnd = { merge: false, closeIssue: false, metBy: "done" };

function ended(atEnd: Partial<AtEnd>, merged = false): Transition {
  const reason = "The deployment succeeded.";
  const item = sampleItem(1, { stage: "deploy", version: 3, head: "a".repeat(40) });
  return entering(item, "done", CAUSE, rulesOf(atEnd), {
    reason,
    runCause: { kind: "entered", reason, artifact: null, detail: "" },
    merged,
  });
}

function rulesOf(atEnd: Partial<AtEnd>) {
  return { ...rules(), atEnd: { ...PLAIN, ...atEnd } };
}

function kinds({ effects }: Transition): string[] {
  return effects.map(({ kind }) => kind);
}

const TOLD = ["status-comment", "notification"];

describe("the end of an item", () => {
  it.each<[Partial<AtEnd>, boolean, string, string[]]>([
    [{}, false, "done", ["meet-dependents", "tracker-state"]],
    [{ closeIssue: true }, false, "done", ["meet-dependents", "tracker-state", "close-issue"]],
    [{ metBy: "merged" }, false, "done", ["tracker-state"]],
    [{ metBy: "merged" }, true, "done", ["meet-dependents", "tracker-state"]],
    [{ merge: true }, false, "waiting", ["meet-dependents", "merge"]],
    [{ merge: true, metBy: "merged" }, false, "waiting", ["merge"]],
    [{ merge: true, closeIssue: true }, false, "waiting", ["meet-dependents", "merge"]],
    [{ merge: true }, true, "done", ["meet-dependents", "tracker-state"]],
  ])("with %j, merged %s, is %s and owes %j", (atEnd, merged, status, owed) => {
    const transition = ended(atEnd, merged);
    expect(transition.item).toMatchObject({ stage: "done", status, version: 4 });
    expect(kinds(transition)).toEqual([...owed, ...TOLD]);
  });
});

describe("a merge", () => {
  const atEnd = { merge: true, closeIssue: true, metBy: "merged" } as const;
  const waiting: WorkItem = ended(atEnd).item;

  it("that succeeded ends the item, and only then meets dependents and closes the issue", () => {
    const transition = mergeSucceeded(waiting, "#5", rulesOf(atEnd), CAUSE);
    expect(transition?.item).toMatchObject({ status: "done", version: waiting.version });
    expect(transition && kinds(transition)).toEqual([
      "comment",
      "meet-dependents",
      "tracker-state",
      "close-issue",
      ...TOLD,
    ]);
    expect(transition?.item.trackerState).toBe("Done");
  });

  it("that was refused blocks the item with the reason, which a /retry takes back", () => {
    const refused = mergeRefused(waiting, "It conflicts.", CAUSE)?.item;
    expect(refused).toMatchObject({ stage: "done", status: "blocked", reason: "It conflicts." });
    if (refused === undefined) throw new Error("nothing was refused");
    const again = mergeAskedAgain(refused, "alice", CAUSE);
    expect(again.item).toMatchObject({ stage: "done", status: "waiting" });
    expect(kinds(again)).toContain("merge");
  });

  it("says nothing of an item that ended meanwhile (I9)", () => {
    for (const status of ["done", "cancelled"] as const) {
      const item = { ...waiting, status };
      expect(mergeRefused(item, "It conflicts.", CAUSE)).toBeNull();
      expect(mergeSucceeded(item, "#5", rulesOf(atEnd), CAUSE)).toBeNull();
    }
  });
});
