import { describe, expect, it } from "vitest";
import { type Review, TrackerError } from "../../../src/engine/tracker.js";
import { reviewApproved } from "../../../src/gates/review-approved.js";
import { gateContext, HEAD, OLDER, type World } from "./gate-context.js";

const pullRequest = { number: 7, url: "https://git.example/acme/rocket/pulls/7", head: HEAD };

function review(
  reviewer: string,
  state: Review["state"],
  hour: number,
  rest: Partial<Review> = {},
) {
  const at = `2026-01-01T${String(hour).padStart(2, "0")}:00:00Z`;
  return { reviewer, state, commit: HEAD, stale: false, dismissed: false, at, ...rest };
}

function judge(reviews: readonly Review[], world: World = {}) {
  const forge = { pullRequestOf: async () => pullRequest, reviews: async () => reviews };
  return reviewApproved(gateContext({ forge, ...world }));
}

describe("the gate review-approved", () => {
  it("passes with a current approval", async () => {
    expect(await judge([review("alice", "approved", 1)])).toMatchObject({
      gate: "review-approved",
      passed: true,
      reason: "alice approved pull request #7.",
      commit: HEAD,
    });
  });

  it("asks for the pull request of the item's branch", async () => {
    const asked: unknown[] = [];
    const forge = {
      pullRequestOf: async (...about: unknown[]) => {
        asked.push(about);
        return null;
      },
    };
    const verdict = await reviewApproved(gateContext({ forge }));
    expect(verdict).toMatchObject({
      passed: false,
      reason: expect.stringContaining("no open pull"),
    });
    expect(verdict).not.toHaveProperty("pending");
    expect(asked).toEqual([["acme/rocket", "feature/ET-001-task-1"]]);
  });

  it.each<[string, readonly Review[]]>([
    ["without a review", []],
    ["with a comment only", [review("alice", "commented", 1)]],
    ["with a stale approval", [review("alice", "approved", 1, { stale: true })]],
    ["with a dismissed approval", [review("alice", "approved", 1, { dismissed: true })]],
    [
      "when a request for changes was dismissed",
      [review("alice", "changes-requested", 1, { dismissed: true })],
    ],
    [
      "when an approval was followed by a dismissed request for changes",
      [
        review("alice", "approved", 1),
        review("alice", "changes-requested", 2, { dismissed: true }),
      ],
    ],
  ])("awaits an approval %s", async (_, reviews) => {
    expect(await judge(reviews)).toMatchObject({ passed: false, pending: true });
  });

  it.each<[string, readonly Review[]]>([
    [
      "beside an approval of somebody else",
      [review("alice", "approved", 2), review("bob", "changes-requested", 1)],
    ],
    [
      "after an approval of the same person",
      [review("bob", "approved", 1), review("bob", "changes-requested", 2)],
    ],
    [
      "in whatever order the reviews come",
      [review("bob", "changes-requested", 2), review("bob", "approved", 1)],
    ],
    [
      "that is stale",
      [review("alice", "approved", 2), review("bob", "changes-requested", 1, { stale: true })],
    ],
    [
      "followed by a comment",
      [
        review("alice", "approved", 1),
        review("bob", "changes-requested", 1),
        review("bob", "commented", 2),
      ],
    ],
  ])("is blocked by an open request for changes %s", async (_, reviews) => {
    const verdict = await judge(reviews);
    expect(verdict).toMatchObject({
      passed: false,
      reason: "bob requested changes on pull request #7.",
    });
    expect(verdict).not.toHaveProperty("pending");
    expect(verdict).not.toHaveProperty("findings");
  });

  it.each<[string, readonly Review[]]>([
    [
      "the same person approved later",
      [review("bob", "changes-requested", 1), review("bob", "approved", 2)],
    ],
    [
      "an approval was followed by a comment",
      [review("bob", "approved", 1), review("bob", "commented", 2)],
    ],
    [
      "a stale approval was renewed",
      [review("bob", "approved", 1, { stale: true, commit: OLDER }), review("bob", "approved", 2)],
    ],
    [
      "two came in the same second, the approval last",
      [review("bob", "changes-requested", 1), review("bob", "approved", 1)],
    ],
  ])("passes when %s", async (_, reviews) => {
    expect((await judge(reviews)).passed).toBe(true);
  });

  it("waits while the forge hasn't seen the branch head, whose reviews still look current", async () => {
    const behind = { ...pullRequest, head: OLDER };
    const verdict = await judge([review("alice", "approved", 1)], {
      forge: { pullRequestOf: async () => behind },
    });
    expect(verdict).toMatchObject({ passed: false, pending: true });
  });

  it("goes by the reviewer's verdict where the project has no forge", async () => {
    const files = { "12-review.md": "verdict: APPROVED" };
    const approved = await reviewApproved(gateContext({ files, wrote: ["12-review.md"] }));
    expect(approved).toMatchObject({ gate: "review-approved", passed: true });
    expect(await reviewApproved(gateContext({ files }))).toMatchObject({ passed: false });
  });

  it("lets a tracker's error through, and doesn't go by the reviewer's verdict then", async () => {
    const error = new TrackerError("tracker-unavailable", "503", { retryable: true });
    const context = gateContext({
      files: { "12-review.md": "verdict: APPROVED" },
      wrote: ["12-review.md"],
      forge: { pullRequestOf: () => Promise.reject(error) },
    });
    await expect(reviewApproved(context)).rejects.toBe(error);
  });
});
