import { describe, expect, it } from "vitest";
import type { WorkItem } from "../../../src/domain/work-item.js";
import type { ListedComment, Tracker } from "../../../src/engine/tracker.js";
import type { PlaceLook, ReconcileDeps } from "../../../src/intake/reconcile/check.js";
import { commentsCheck } from "../../../src/intake/reconcile/comments.js";
import { silentLogger } from "../../../src/telemetry/logger.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";

const ASKED = "2026-03-01T10:00:05.300Z";
const COMMENT = {
  id: "7",
  text: "The usual one.",
  own: false,
  edited: false,
  onPullRequest: false,
};

/** Ids of the comments that are brought in for an item whose analyst asked something. */
async function broughtIn(said: string, change: Partial<WorkItem> = {}, text = COMMENT.text) {
  const run = sampleRun("ET-001", { finishedAt: ASKED });
  const item = sampleItem(1, { status: "needs-input", questionsOpen: true, run, ...change });
  const comment = { ...COMMENT, text, author: ["mira"], on: item.issue, createdAt: said };
  const brought: string[] = [];
  const deps = {
    memory: { get: async () => null, put: async () => undefined },
    items: {
      ofIssue: async () => item.id,
      find: async () => item,
    },
    recoveries: {
      add: async (found: { event: { commentId: string } }) =>
        void brought.push(found.event.commentId),
    },
    goOn: () => undefined,
    log: silentLogger(),
    clock: () => 0,
  };
  const tracker: Partial<Tracker> = {
    commentsSince: async function* () {
      yield [{ ...comment, updatedAt: said } as ListedComment];
    },
  };
  const look = {
    project: { name: "rocket", repo: "acme/rocket" },
    items: [item],
    place: { tracker: "gitea", repo: "acme/rocket" },
    tracker,
  };
  await commentsCheck.look(deps as unknown as ReconcileDeps, look as unknown as PlaceLook);
  return brought;
}

describe("a comment that no webhook told of", () => {
  it.each([
    ["before the analyst asked", "2026-03-01T10:00:04Z", []],
    ["within the second in which it asked, as trackers tell times", "2026-03-01T10:00:05Z", ["7"]],
    ["after it", "2026-03-01T10:00:06Z", ["7"]],
  ])("and was said %s", async (_, said, ids) => {
    expect(await broughtIn(said)).toEqual(ids);
  });

  it("is a command of the second in which the item was made, and not of before", async () => {
    const change = { questionsOpen: false, createdAt: ASKED };
    expect(await broughtIn("2026-03-01T10:00:05Z", change, "/status")).toEqual(["7"]);
    expect(await broughtIn("2026-03-01T10:00:04Z", change, "/status")).toEqual([]);
  });
});
