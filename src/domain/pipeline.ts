import type { Role, Stage, WorkStage } from "./stage.js";

export const GATES = [
  "analysis-approved",
  "architecture-done",
  "tests-local",
  "ci-green",
  "reviewer-verdict",
  "review-approved",
  "tests-passed",
  "deploy-succeeded",
] as const;
export type GateName = (typeof GATES)[number];

export interface PipelineStep {
  readonly stage: WorkStage;
  /** Absent: nobody works here, the gate alone decides. */
  readonly agent?: Role | undefined;
  /** Absent: the stage passes when its run succeeds. A name config no longer knows never passes. */
  readonly gate?: GateName | undefined;
}

/** An ordered list of stages; every pipeline ends in `done`, which is not listed. */
export interface Pipeline {
  readonly name: string;
  readonly steps: readonly PipelineStep[];
}

export const BUILT_IN_PIPELINES: Readonly<Record<string, Pipeline>> = {
  full: {
    name: "full",
    steps: [
      { stage: "analysis", agent: "analyst", gate: "analysis-approved" },
      { stage: "architecture", agent: "architect", gate: "architecture-done" },
      { stage: "development", agent: "developer", gate: "tests-local" },
      { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
      { stage: "testing", agent: "tester", gate: "tests-passed" },
      { stage: "deploy", agent: "deployer", gate: "deploy-succeeded" },
    ],
  },
  direct: {
    name: "direct",
    steps: [{ stage: "development", agent: "developer", gate: "tests-local" }],
  },
};

export function firstStage(pipeline: Pipeline): Stage {
  return pipeline.steps[0]?.stage ?? "done";
}

export function stepAt(pipeline: Pipeline, stage: Stage): PipelineStep | undefined {
  return pipeline.steps.find((step) => step.stage === stage);
}

/** The stage entered when `stage` passes; `done` after the last, and for a stage the pipeline lacks. */
export function stageAfter(pipeline: Pipeline, stage: Stage): Stage {
  const index = pipeline.steps.findIndex((step) => step.stage === stage);
  return index === -1 ? "done" : (pipeline.steps[index + 1]?.stage ?? "done");
}
