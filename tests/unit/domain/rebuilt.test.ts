import { describe, expect, it } from "vitest";
import { jobFailed } from "../../../src/domain/job-failure.js";
import { lookRebuilt, lookToCome, runRebuilt } from "../../../src/domain/rebuilt.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { afterRun, CAUSE, kinds } from "./situation.js";

const looked = afterRun();
const working = { ...looked, run: null, status: "waiting" } satisfies WorkItem;

describe("jobs that are gone", () => {
  it("are made anew under a new version while the run is to come", () => {
    const rebuilt = runRebuilt(working, CAUSE);
    expect(rebuilt?.item).toMatchObject({ version: working.version + 1, status: "waiting" });
    expect(kinds(rebuilt ?? { effects: [], item: working, history: [] })).toEqual([
      "discard-flow",
      "flow",
      "status-comment",
    ]);
  });

  it("close the record of whoever still works on them", () => {
    const run = looked.run === null ? null : { ...looked.run, ending: null, finishedAt: null };
    const rebuilt = runRebuilt({ ...working, run, status: "running" }, CAUSE);
    expect(rebuilt?.item.run).toBeNull();
    expect(rebuilt?.runs).toMatchObject([{ id: run?.id, ending: "superseded" }]);
  });

  it("are no run's once it has succeeded, but the look's that follows it, in the same version", () => {
    expect(runRebuilt(looked, CAUSE)).toBeNull();
    expect(lookToCome(looked)).toBe("run");
    const rebuilt = lookRebuilt(looked, CAUSE, false);
    expect(rebuilt?.item.version).toBe(looked.version);
    expect(rebuilt?.effects).toMatchObject([{ kind: "flow", evaluation: "run", run: false }]);
    const fresh = lookRebuilt(looked, CAUSE, true);
    expect(fresh?.effects).toMatchObject([{ evaluation: "again-run", trigger: "run" }]);
  });

  it("are missed no more once a verdict was acted on, or the item is over", () => {
    expect(lookToCome({ ...looked, consumed: ["run"] })).toBeNull();
    for (const status of ["done", "cancelled"] as const) {
      expect(lookToCome({ ...looked, status })).toBeNull();
      expect(runRebuilt({ ...working, status }, CAUSE)).toBeNull();
    }
  });
});

describe("a job that failed for good", () => {
  const failure = {
    queue: "gates",
    job: "ET-001-v1-gate-run",
    reason: "the disk is full",
    version: looked.version,
    evaluation: "run",
    effect: null,
  };

  it("leaves its item failed and says what to do", () => {
    const told = jobFailed(looked, failure, CAUSE);
    expect(told?.item).toMatchObject({ status: "failed", version: looked.version });
    expect(told?.item.reason).toContain("the disk is full. Retry it in the board");
    expect(told === null ? [] : kinds(told)).toEqual(["comment", "status-comment", "notification"]);
  });

  it("leaves the item as it is where only somebody's question was lost, and tells of it", () => {
    const told = jobFailed(looked, { ...failure, evaluation: "c812" }, CAUSE);
    expect(told?.item).toMatchObject({ status: looked.status, reason: looked.reason });
    expect(told === null ? [] : kinds(told)).toContain("comment");
  });

  it("leaves the item as it is where it was to tell of something, and tells of that", () => {
    const delivery = { queue: "deliveries", version: null, evaluation: null };
    const told = jobFailed(looked, { ...failure, ...delivery }, CAUSE);
    expect(told?.item).toMatchObject({ status: looked.status, reason: looked.reason });
    expect(told === null ? [] : kinds(told)).toEqual(["comment", "status-comment", "notification"]);
  });

  it("says nothing where its version is over, the item ended, or its run told of it", () => {
    expect(jobFailed(looked, { ...failure, version: looked.version + 1 }, CAUSE)).toBeNull();
    expect(jobFailed({ ...looked, status: "done" }, failure, CAUSE)).toBeNull();
    const failed = { ...looked, status: "failed" } as const;
    expect(jobFailed(failed, { ...failure, queue: "runs" }, CAUSE)).toBeNull();
  });

  it("that was to comment is told of otherwise, and one that was to notify by a comment", () => {
    const comment = jobFailed(looked, { ...failure, version: null, effect: "comment" }, CAUSE);
    expect(comment === null ? [] : kinds(comment)).toEqual(["status-comment", "notification"]);
    const notice = jobFailed(looked, { ...failure, version: null, effect: "notification" }, CAUSE);
    expect(notice === null ? [] : kinds(notice)).toEqual(["comment"]);
  });
});
