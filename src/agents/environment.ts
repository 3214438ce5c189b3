import { join } from "node:path";
import type { RunContext } from "../engine/runner.js";

/** A process's environment, as config read it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where an agent's own things are, below its private folder. */
export interface PrivatePaths {
  readonly home: string;
  readonly temporary: string;
  readonly promptFile: string;
  readonly resultFile: string;
}

export function privatePaths(privatePath: string): PrivatePaths {
  return {
    home: join(privatePath, "home"),
    temporary: join(privatePath, "tmp"),
    promptFile: join(privatePath, "prompt.md"),
    resultFile: join(privatePath, "result.json"),
  };
}

/**
 * What a command may see: an allow-list, with a HOME and TMPDIR of its own. Agents and gate commands
 * share it; no secret is among it unless config names its variable.
 */
export function allowedEnvironment(
  environment: Environment,
  named: readonly string[],
  privatePath: string,
): Record<string, string> {
  const { home, temporary } = privatePaths(privatePath);
  const allowed = ["PATH", "LANG", "TERM", ...named].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(allowed), HOME: home, TMPDIR: temporary };
}

/** The variables that tell an agent about its run. */
export function runVariables(context: RunContext): Record<string, string> {
  const { promptFile, resultFile } = privatePaths(context.privatePath);
  return {
    STAGECOACH_ITEM: context.item,
    STAGECOACH_STAGE: context.stage,
    STAGECOACH_ROLE: context.role,
    STAGECOACH_BRANCH: context.branch,
    STAGECOACH_RUN: context.run,
    STAGECOACH_ATTEMPT: String(context.attempt),
    STAGECOACH_MODEL: context.model?.id ?? context.modelKey,
    STAGECOACH_ARTIFACTS: context.artifacts,
    STAGECOACH_PROMPT_FILE: promptFile,
    STAGECOACH_RESULT_FILE: resultFile,
  };
}
