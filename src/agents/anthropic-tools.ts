import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import { betaAgentToolset20260401 } from "@anthropic-ai/sdk/tools/agent-toolset/node";
import { z } from "zod";
import type { RunContext } from "../engine/runner.js";
import { createShellTool, type ShellOptions } from "./anthropic-shell.js";

/** The toolset's `glob` stands on `fs.glob`, which came with this version of Node. */
const GLOB_SINCE = 22;
/** Of a command's output the log gets this much, of a call or its result one line. */
const LONGEST_OUTPUT = 4_000;
const LONGEST_LINE = 200;
const subject = z.object({ file_path: z.string().optional(), pattern: z.string().optional() });

/**
 * What the model works with: the SDK's file tools, confined to the worktree, and a shell of our own.
 * They run one at a time: a file tool looks where a path leads before it goes there, and a command
 * beside it could lead the path elsewhere in between. `say` takes what the log shall show of them.
 */
export function createTools(
  options: ShellOptions,
  context: RunContext,
  say: (text: string) => void,
): BetaRunnableTool[] {
  const fileTools = betaAgentToolset20260401({ workdir: context.worktree }).filter(
    ({ name }) => name !== "bash" && (name !== "glob" || hasGlob()),
  );
  const inTurn = oneAtATime();
  const narrated = fileTools.map((tool) => replaceRun(tool, narrate(tool, say)));
  const shell = createShellTool(options, context, say, LONGEST_OUTPUT);
  return [shell, ...narrated].map((tool) => replaceRun(tool, inTurn(tool.run)));
}

type Run = BetaRunnableTool["run"];
type Result = Awaited<ReturnType<Run>>;

function replaceRun(tool: BetaRunnableTool, run: Run): BetaRunnableTool {
  return { ...tool, run };
}

function narrate(tool: BetaRunnableTool, say: (text: string) => void): Run {
  return async (input, call) => {
    say(`\n> ${tool.name} ${line(subjectOf(input))}\n`);
    try {
      const result = await tool.run(input, call);
      say(`${line(typeof result === "string" ? result : "")}\n`);
      return result;
    } catch (error) {
      say(`${line(error instanceof Error ? error.message : String(error))}\n`);
      throw error;
    }
  };
}

/** What a call is about: its file, or what it looks for. */
function subjectOf(input: unknown): string {
  const { file_path, pattern } = subject.safeParse(input).data ?? {};
  return file_path ?? pattern ?? "";
}

function line(text: string): string {
  const [first = ""] = text.split("\n");
  return first.slice(0, LONGEST_LINE);
}

function oneAtATime(): (run: Run) => Run {
  let last: Promise<unknown> = Promise.resolve();
  return (run) =>
    (input, call): Promise<Result> => {
      const before = last;
      const mine = (async () => {
        await before;
        if (call?.signal?.aborted) throw new ToolError("stopped with the run");
        return run(input, call);
      })();
      last = Promise.allSettled([mine]);
      return mine;
    };
}

function hasGlob(): boolean {
  return Number.parseInt(process.versions.node, 10) >= GLOB_SINCE;
}
