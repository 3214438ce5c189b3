import { APPROVER, APPROVERS_EMAIL, BOT, CAP, PLANE, PROJECTS } from "./projects.js";

/** The fleet's configuration. @param remotes path of each repository, by project */
export function fleetFile(remotes: Readonly<Record<string, string>>, agent: string): object {
  return {
    bot: BOT,
    approvers: [APPROVER, APPROVERS_EMAIL],
    parser: "rules",
    projects: PROJECTS.map(({ name, repo, prefix, pipeline, sandbox, merges }) => ({
      name,
      ...(repo === null ? { plane: { ...PLANE, start: "created" } } : { repo }),
      prefix,
      pipeline,
      remote: remotes[name],
      maxConcurrentRuns: 3,
      agents: { default: { sandbox } },
      onDone: { merge: merges, closeIssue: false },
    })),
    pipelines: {
      reviewed: [
        { stage: "development", agent: "developer", gate: "tests-local" },
        { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
      ],
      planned: [
        { stage: "analysis", agent: "analyst", gate: "analysis-approved" },
        { stage: "development", agent: "developer", gate: "tests-local" },
      ],
      checked: [{ stage: "development", agent: "developer", gate: "ci-green" }],
    },
    gates: {
      "tests-local": { command: ["sh", "-c", "test -d notes"], timeoutMinutes: 1 },
      "ci-green": { contexts: ["ci/test"] },
    },
    agents: { default: { runner: "command", command: [agent], silentMinutes: 0.25 }, deployer: {} },
    limits: { developerRuns: CAP, freeDiskBytes: 0 },
  };
}
