import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EMPTY_REPORT, type RunnerEnding } from "../../src/domain/run.js";
import type { Role } from "../../src/domain/stage.js";
import type { RunContext, Runner } from "../../src/engine/runner.js";

/** What an agent does in its worktree. Nothing returned: it finished. */
export type Agent = (context: RunContext, signal: AbortSignal) => Promise<RunnerEnding | undefined>;
export type Agents = Readonly<Partial<Record<Role, Agent>>>;

/** Writes files below the worktree. */
export async function write(
  context: RunContext,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(context.worktree, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** Writes artifacts of the item: `12-review.md`, not its whole path. */
export function writeArtifacts(
  context: RunContext,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const named = Object.entries(files).map(([name, text]) => [`${context.artifacts}/${name}`, text]);
  return write(context, Object.fromEntries(named));
}

/** An agent that leaves these artifacts and finishes. */
export function leaving(files: Readonly<Record<string, string>>): Agent {
  return async (context) => {
    await writeArtifacts(context, files);
    return undefined;
  };
}

/** What an agent does at its first, second, … run of an item; the last one repeats. */
export function inTurn(first: Agent, ...others: readonly Agent[]): Agent {
  const agents = [first, ...others];
  return (context, signal) => {
    const agent = agents[Math.min(context.round, agents.length) - 1] ?? first;
    return agent(context, signal);
  };
}

/** An agent that finishes without leaving anything. */
export const leavingNothing: Agent = async () => undefined;

export function failing(reason: string): RunnerEnding {
  return { kind: "failed", reason, report: EMPTY_REPORT };
}

/** Works until it is told to stop. */
export const untilStopped: Agent = async (_context, signal) => {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  return { kind: "cancelled", report: EMPTY_REPORT };
};

export const GOOD: Required<Agents> = {
  analyst: leaving({
    "02-brd.md": "why\n",
    "03-trz.md": "what\n",
    "04-acceptance-criteria.md": "when\n",
    "05-test-plan.md": "how\n",
  }),
  architect: leaving({ "06-adr/0001-one-module.md": "# One module\n" }),
  developer: async (context) => {
    await write(context, { [`src/${context.item}-${context.round}.txt`]: `${context.run}\n` });
    return undefined;
  },
  reviewer: leaving({ "12-review.md": "verdict: APPROVED\n" }),
  tester: leaving({ "13-test-report.md": "verdict: PASS\n" }),
  deployer: leaving({ "14-deploy.md": "verdict: SUCCESS\n" }),
};

/** A runner in this process that plays `agents`, and good ones for the other roles. */
export function runnerOf(agents: Agents, onStart: (context: RunContext) => void): Runner {
  const all = { ...GOOD, ...agents };
  return async (context, signal) => {
    onStart(context);
    const ending = await all[context.role](context, signal);
    return ending ?? { kind: "finished", report: EMPTY_REPORT };
  };
}
