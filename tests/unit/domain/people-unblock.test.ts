import { describe, expect, it } from "vitest";
import { unblocked } from "../../../src/domain/unblock.js";
import { sampleItem, sampleKey } from "../../support/memory-work-items.js";
import { ALICE, CAUSE, commentOf, effectsOf } from "./situation.js";

const EDGE = { blocker: sampleKey(5), written: "#5", unmet: [sampleKey(5), sampleKey(6)] };
const waiting = sampleItem(1, { status: "waiting" });

describe("an edge that an approver takes away", () => {
  it("is waived, by whom is kept, and stage and version stay (I2, I3)", () => {
    const free = unblocked(waiting, ALICE, EDGE, CAUSE);
    expect(free.item).toEqual({ ...waiting, updatedAt: CAUSE.at });
    expect(effectsOf(free, "waive-edge")).toMatchObject([{ blocker: sampleKey(5) }]);
    expect(effectsOf(free, "reaction")).toMatchObject([{ reaction: "seen" }]);
    expect(free.history).toMatchObject([{ kind: "command" }]);
    expect(free.history[0]?.reason).toBe("alice took away the edge to #5.");
  });

  it.each([
    ["isn't there", waiting, { ...EDGE, blocker: sampleKey(7), written: "#7" }, "wait for #7"],
    ["can't be", waiting, { ...EDGE, blocker: null, written: "#5" }, "wait for #5"],
    ["is of an item that is done", sampleItem(1, { status: "done" }), EDGE, "done already"],
  ])("is refused where it %s", (_, item, edge, words) => {
    const answer = unblocked(item, ALICE, edge, CAUSE);
    expect(effectsOf(answer, "waive-edge")).toEqual([]);
    expect(effectsOf(answer, "reaction")).toMatchObject([{ reaction: "refused" }]);
    expect(commentOf(answer)).toContain(words);
  });
});
