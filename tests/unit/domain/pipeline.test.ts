import { describe, expect, it } from "vitest";
import {
  BUILT_IN_PIPELINES,
  firstStage,
  GATES,
  type Pipeline,
  stageAfter,
  stepAt,
} from "../../../src/domain/pipeline.js";
import { STAGES, type Stage } from "../../../src/domain/stage.js";
import { gateNamed } from "../../../src/gates/registry.js";

function builtIn(name: string): Pipeline {
  const pipeline = BUILT_IN_PIPELINES[name];
  if (pipeline === undefined) throw new Error(`no pipeline ${name}`);
  return pipeline;
}

function walk(pipeline: Pipeline): Stage[] {
  const stages: Stage[] = [firstStage(pipeline)];
  for (let stage = stages[0]; stage !== undefined && stage !== "done"; ) {
    stage = stageAfter(pipeline, stage);
    stages.push(stage);
  }
  return stages;
}

describe("pipelines", () => {
  it("full goes through all seven stages in their order", () => {
    expect(walk(builtIn("full"))).toEqual([...STAGES]);
  });

  it("direct goes from development to done", () => {
    expect(walk(builtIn("direct"))).toEqual(["development", "done"]);
  });

  it("one without steps is done at once", () => {
    expect(firstStage({ name: "empty", steps: [] })).toBe("done");
  });

  it("a stage the pipeline lacks is followed by done and has no step", () => {
    expect(stageAfter(builtIn("direct"), "testing")).toBe("done");
    expect(stepAt(builtIn("direct"), "testing")).toBeUndefined();
    expect(stepAt(builtIn("full"), "done")).toBeUndefined();
  });

  it("every gate that can be named exists", () => {
    expect(GATES.filter((name) => gateNamed(name) === undefined)).toEqual([]);
  });
});
