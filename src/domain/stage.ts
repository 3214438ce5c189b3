/** Where a work item can stand, in the order of the full pipeline. */
export const STAGES = [
  "analysis",
  "architecture",
  "development",
  "review",
  "testing",
  "deploy",
  "done",
] as const;
export type Stage = (typeof STAGES)[number];
/** A stage in which somebody works; `done` is only arrived at. */
export type WorkStage = Exclude<Stage, "done">;

export const ROLES = [
  "analyst",
  "architect",
  "developer",
  "reviewer",
  "tester",
  "deployer",
] as const;
export type Role = (typeof ROLES)[number];
