import { mkdir, rm, writeFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { EMPTY_REPORT, type RunnerEnding } from "../domain/run.js";
import type { RunContext, Runner } from "../engine/runner.js";
import { runContained } from "./contained.js";
import { allowedEnvironment, type Environment, privatePaths, runVariables } from "./environment.js";
import type { OutputSource, ProcessOutcome } from "./process.js";
import { type AgentResult, readResult } from "./report.js";
import { type Contain, uncontained } from "./sandbox.js";

export interface CommandRunnerOptions {
  /** The process's environment; an agent sees only what the allow-list lets through. */
  readonly environment: Environment;
  readonly contain?: Contain;
  /** Between TERM and KILL, in milliseconds; default 10 s. */
  readonly graceMs?: number;
}

const MS_PER_MINUTE = 60_000;
/** `EX_TEMPFAIL` of sysexits.h: try again later. */
export const EXIT_TRANSIENT = 75;
const LONGEST_LINE = 300;

/** Runs any command-line agent in the worktree: prompt on stdin, result in a file. */
export function createCommandRunner(options: CommandRunnerOptions): Runner {
  return async (context, signal) => {
    const program = { command: context.settings.command, onOutput: context.log };
    const outcome = await runAgentProgram(options, context, program, signal);
    const result = await readResult(privatePaths(context.privatePath).resultFile);
    if (result.ignored !== null) context.log(`\nresult file ignored: ${result.ignored}\n`);
    return endingOf(outcome, result);
  };
}

/** What a run's settings, folders and prompt don't say. */
export interface AgentProgram {
  readonly command: readonly string[];
  /** Beside what the allow-list and the run give. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput: (chunk: string, source: OutputSource) => void;
}

/** Runs an agent's program under its run's limits, in its worktree, environment and confines. */
export async function runAgentProgram(
  options: CommandRunnerOptions,
  context: RunContext,
  program: AgentProgram,
  signal: AbortSignal,
): Promise<ProcessOutcome> {
  const contain = options.contain ?? uncontained;
  await prepare(context);
  const { settings, worktree, borrows, privatePath } = context;
  const confines = { settings, worktree, borrows, privatePath };
  return runContained(contain, confines, {
    command: program.command,
    cwd: worktree,
    env: {
      ...allowedEnvironment(options.environment, settings.env, privatePath),
      ...runVariables(context),
      ...program.env,
    },
    stdin: context.prompt,
    timeoutMs: settings.timeoutMinutes * MS_PER_MINUTE,
    silentMs: settings.silentMinutes * MS_PER_MINUTE,
    signal,
    onOutput: program.onOutput,
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  });
}

async function prepare(context: RunContext): Promise<void> {
  const paths = privatePaths(context.privatePath);
  await mkdir(paths.home, { recursive: true, mode: 0o700 });
  await mkdir(paths.temporary, { recursive: true, mode: 0o700 });
  // A file of an earlier start in the same folder must not speak for this one.
  await rm(paths.resultFile, { recursive: true, force: true });
  await writeFile(paths.promptFile, context.prompt, { mode: 0o600 });
}

/** Being stopped outweighs what the agent says; a spent quota outweighs its exit code. */
export function endingOf(outcome: ProcessOutcome, result: AgentResult): RunnerEnding {
  const { report, resetAt } = result;
  switch (outcome.kind) {
    case "unstartable":
      return {
        kind: "transient",
        reason: `the runner can't start: ${outcome.reason}`,
        report: EMPTY_REPORT,
      };
    case "stopped":
      return { kind: "cancelled", report };
    case "timed_out":
      return { kind: "timed_out", afterMs: outcome.afterMs, report };
    case "silent":
      return { kind: "silent", silentForMs: outcome.silentForMs, report };
    case "killed":
    case "exited":
      if (resetAt !== null) return { kind: "limited", until: resetAt, report };
      return ownEnding(outcome, report);
  }
}

function ownEnding(
  outcome: Extract<ProcessOutcome, { kind: "exited" | "killed" }>,
  report: AgentResult["report"],
): RunnerEnding {
  if (outcome.kind === "exited" && outcome.code === 0) return { kind: "finished", report };
  const how = outcome.kind === "exited" ? `exit code ${outcome.code}` : `killed by ${outcome.by}`;
  const line = lastLine(outcome.tail);
  const reason = line === "" ? how : `${how}: ${line}`;
  const transient = outcome.kind === "exited" && outcome.code === EXIT_TRANSIENT;
  return { kind: transient ? "transient" : "failed", reason, report };
}

function lastLine(tail: string): string {
  const lines = stripVTControlCharacters(tail)
    .split(/[\r\n]+/)
    .map((line) => line.trim());
  return (lines.findLast((line) => line !== "") ?? "").slice(0, LONGEST_LINE);
}
