import { describe, expect, it } from "vitest";
import { JobStop } from "../../../src/queue/job-stop.js";

describe("what stops a job", () => {
  it("reaches who asked for its signal before", () => {
    const stop = new JobStop();
    const { signal } = stop;
    expect(signal.aborted).toBe(false);
    stop.abort(new Error("the worker leaves"));
    expect(signal.reason).toEqual(new Error("the worker leaves"));
  });

  it("reaches who asks for its signal afterwards, with the first reason", () => {
    const stop = new JobStop();
    stop.abort(new Error("first"));
    stop.abort(new Error("second"));
    expect(stop.signal.reason).toEqual(new Error("first"));
    expect(stop.signal).toBe(stop.signal);
  });
});
