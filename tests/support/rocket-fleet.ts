import type { Fleet, Project } from "../../src/domain/fleet.js";
import { BUILT_IN_PIPELINES } from "../../src/domain/pipeline.js";

export const PLANE_PROJECT = "dae7de73-d31a-440a-8114-1d7b3a5f1274";

export function project(changes: Partial<Project> = {}): Project {
  return {
    name: "rocket",
    repo: "acme/rocket",
    remote: "https://git.acme.example/acme/rocket.git",
    baseBranch: "main",
    plane: { workspace: "acme", project: PLANE_PROJECT, start: "created", states: {} },
    prefix: "ET",
    pipeline: "full",
    maxConcurrentRuns: 2,
    gates: {
      "tests-local": { command: ["npm", "test"], timeoutMinutes: 15 },
      "ci-green": { contexts: [] },
    },
    agents: {},
    protectedPaths: [],
    dependenciesMetBy: "done",
    onDone: { merge: false, closeIssue: false },
    ...changes,
  };
}

/** The fleet the sample requests were made for: bot `devbot`, one project. */
export function rocketFleet(projects: readonly Project[] = [project()]): Fleet {
  return {
    bot: "devbot",
    approvers: ["mira", "mira@acme.example"],
    projects,
    pipelines: BUILT_IN_PIPELINES,
    models: {},
    limits: { developerRuns: 3 },
  };
}
