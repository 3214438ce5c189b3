import { mkdir } from "node:fs/promises";
import type { RunGateCommand } from "../engine/evaluate.js";
import type { Workspace } from "../engine/workspace.js";
import type { CommandResult } from "../gates/gate.js";
import { runContained } from "./contained.js";
import { allowedEnvironment, type Environment, privatePaths } from "./environment.js";
import type { Masker } from "./mask.js";
import { type Confines, type Contain, uncontained } from "./sandbox.js";

export interface GateCommandOptions {
  readonly workspace: Workspace;
  readonly environment: Environment;
  readonly masker: Masker;
  readonly contain?: Contain;
}

/**
 * Runs a gate's command in a fresh checkout of the commit, under the same supervision and
 * environment as an agent, contained as the project's developer is, whose code it runs, and never in
 * an agent's worktree. Throws the signal's reason once it aborts: a command that was stopped says
 * nothing of the commit.
 */
export function createGateCommand(options: GateCommandOptions): RunGateCommand {
  return async (project, commit, command, timeoutMinutes, signal) => {
    const checkout = await options.workspace.fresh(project, commit);
    try {
      return await run(options, {
        settings: project.agents.developer ?? UNCONFIGURED,
        worktree: checkout.path,
        borrows: checkout.borrows,
        privatePath: checkout.privatePath,
        command,
        timeoutMinutes,
        signal,
      });
    } finally {
      await checkout.dispose();
    }
  };
}

/** A project without a developer has nobody whose settings could say. */
const UNCONFIGURED = { sandbox: "auto", user: null } as const;

interface Place extends Confines {
  readonly command: readonly string[];
  readonly timeoutMinutes: number;
  readonly signal: AbortSignal;
}

async function run(options: GateCommandOptions, place: Place): Promise<CommandResult> {
  const { worktree, privatePath, command, timeoutMinutes, signal } = place;
  const { home, temporary } = privatePaths(privatePath);
  await Promise.all([mkdir(home, { recursive: true }), mkdir(temporary, { recursive: true })]);
  const contain = options.contain ?? uncontained;
  const outcome = await runContained(contain, place, {
    command,
    cwd: worktree,
    env: allowedEnvironment(options.environment, ["CI"], privatePath),
    timeoutMs: timeoutMinutes * 60_000,
    signal,
  });
  signal.throwIfAborted();
  return {
    exitCode: outcome.kind === "exited" ? outcome.code : null,
    timedOut: outcome.kind === "timed_out",
    unstartable: outcome.kind === "unstartable" ? outcome.reason : null,
    tail: options.masker.mask(outcome.tail).slice(-4_096),
  };
}
