import { describe, expect, it } from "vitest";
import { acknowledged, looking, refused } from "../../../src/domain/answers.js";
import { withoutComment } from "../../../src/domain/operated.js";
import { noted } from "../../../src/domain/transition.js";
import { sampleItem } from "../../support/memory-work-items.js";

const item = sampleItem(1, { status: "failed", reason: "exit code 1" });
const speaker = { comment: "o1", name: "ada" };
const cause = { id: "o1", text: "retry by ada", at: "2026-03-01T10:00:00.000Z" };

describe("a command without a comment", () => {
  it("that is refused changes nothing, and its reason is the answer", () => {
    const decided = withoutComment(item, refused(item, speaker, cause, "It is done already."));
    expect(decided).toEqual({
      outcome: { kind: "refused", text: "It is done already." },
      transition: null,
    });
  });

  it("keeps what people at the issue must read, and answers with the words of its sign", () => {
    const told = noted(item, cause, { status: "waiting" }, [], [{ kind: "status-comment" }]);
    const { outcome, transition } = withoutComment(
      item,
      acknowledged(told, speaker, cause, "It goes on."),
    );
    expect(outcome).toEqual({ kind: "done", text: "It goes on." });
    expect(transition?.item.status).toBe("waiting");
    expect(transition?.effects.map(({ kind }) => kind)).toEqual(["status-comment"]);
  });

  it("leaves no comment to be signed when its gate has looked", () => {
    const asked = noted(item, cause, {}, [], []);
    const { transition } = withoutComment(item, looking(asked, speaker, "o1", cause, "heard"));
    expect(transition?.effects).toEqual([]);
    expect(transition?.item).not.toHaveProperty("askers");
  });

  it("leaves those whose comments wait for a sign theirs", () => {
    const askers = { c7: { comment: "7", name: "bob", version: 3 } };
    const waiting = { ...item, askers };
    const asked = noted(waiting, cause, {}, [], []);
    const decided = withoutComment(waiting, looking(asked, speaker, "o1", cause, "heard"));
    expect(decided.transition?.item.askers).toEqual(askers);
  });
});
