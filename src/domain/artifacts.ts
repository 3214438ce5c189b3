import type { Role } from "./stage.js";

/** The folder of an item's artifacts, relative to the repository's root. */
export function artifactsFolder(item: string): string {
  return `docs/work-items/${item}`;
}

export const TASK_ARTIFACT = "00-task.md";
export const QUESTIONS = "01-questions.md";
export const CONFLICT = "10-conflict.md";
export const ANALYSIS_ARTIFACTS = [
  "02-brd.md",
  "03-trz.md",
  "04-acceptance-criteria.md",
  "05-test-plan.md",
] as const;

/** The first that counts is read. */
export const VERDICT_FILES: Readonly<Partial<Record<Role, readonly string[]>>> = {
  reviewer: ["12-review.md", "09-review.md"],
  tester: ["13-test-report.md"],
  deployer: ["14-deploy.md"],
};

const OWN: Readonly<Record<Role, readonly RegExp[]>> = {
  analyst: [/^0[1-5]-[^/]+\.md$/],
  architect: [/^06-adr\/[^/]+\.md$/, /^10-conflict\.md$/],
  developer: [/^11-[^/]+\.md$/],
  reviewer: [/^(12|09)-review\.md$/],
  tester: [/^13-test-report\.md$/],
  deployer: [/^14-deploy\.md$/],
};

/** May `role` write this artifact (path relative to the item's folder)? Others are put back. */
export function mayWrite(role: Role, artifact: string): boolean {
  return OWN[role].some((pattern) => pattern.test(artifact));
}

/** Files taken out of the worktree before a run of `role`, so that what stands there afterwards the run wrote. */
export function takenOutBefore(role: Role): readonly string[] {
  return [...(VERDICT_FILES[role] ?? []), QUESTIONS, CONFLICT];
}
