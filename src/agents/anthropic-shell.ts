import { mkdir } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import { z } from "zod";
import type { RunContext } from "../engine/runner.js";
import { runContained } from "./contained.js";
import { allowedEnvironment, type Environment, privatePaths } from "./environment.js";
import type { ProcessOutcome } from "./process.js";
import type { Contain } from "./sandbox.js";

export interface ShellOptions {
  /** The process's environment; a command sees only what the allow-list lets through. */
  readonly environment: Environment;
  readonly contain: Contain;
  /** Between TERM and KILL, in milliseconds; default 10 s. */
  readonly graceMs?: number | undefined;
  /** Told when no command can be started any more, as when its sandbox broke. */
  readonly onBroken: (reason: string) => void;
}

const MS_PER_MINUTE = 60_000;
const DEFAULT_TIMEOUT_MS = 120_000;
const LONGEST_TIMEOUT_MS = 20 * MS_PER_MINUTE;
/** A quiet command is stopped before the run is, so that the model hears of it. */
const SILENT_SHARE = 0.8;
/** Of what a command writes the model sees this much of the start and of the end. */
const HEAD = 10_000;
const TAIL = 20_000;

const input = z.object({
  command: z.string().describe("What bash runs"),
  timeout_ms: z.number().int().optional().describe(`Default ${DEFAULT_TIMEOUT_MS}`),
});

/**
 * The `bash` tool. The toolset's own runs in this process's surroundings; this one starts each command
 * as an agent is started: contained, supervised, with an allow-list for an environment. `say` takes
 * the command and the first `longestSaid` characters of its output.
 */
export function createShellTool(
  options: ShellOptions,
  context: RunContext,
  say: (text: string) => void,
  longestSaid: number,
) {
  return betaZodTool({
    name: "bash",
    description:
      "Run a command with bash in the working folder. Each call is a new shell: folder and variables " +
      "don't carry over, and what is left running in the background is ended with it. It has no input.",
    inputSchema: input,
    run: async ({ command, timeout_ms }, call) => {
      say(`\n> bash ${command.slice(0, longestSaid)}\n`);
      const output = keepEnds();
      const order = { command, timeoutMs: timeout_ms ?? DEFAULT_TIMEOUT_MS };
      const outcome = await start(options, context, order, call?.signal ?? undefined, (chunk) => {
        // An empty text is a sign of life too: whoever listens measures the run's silence by them.
        say(chunk.slice(0, Math.max(0, longestSaid - output.length())));
        output.add(chunk);
      });
      if (outcome.kind === "unstartable") options.onBroken(outcome.reason);
      if (outcome.kind !== "exited" || outcome.code !== 0) say(`\n[${howItEnded(outcome)}]\n`);
      return answer(outcome, stripVTControlCharacters(output.text()));
    },
  });
}

async function start(
  options: ShellOptions,
  { settings, worktree, borrows, privatePath }: RunContext,
  order: { readonly command: string; readonly timeoutMs: number },
  signal: AbortSignal | undefined,
  onOutput: (chunk: string) => void,
): Promise<ProcessOutcome> {
  const { home, temporary } = privatePaths(privatePath);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const shell = ["/bin/bash", "--noprofile", "--norc", "-c", order.command];
  const confines = { settings, worktree, borrows, privatePath };
  return runContained(options.contain, confines, {
    command: shell,
    cwd: worktree,
    env: allowedEnvironment(options.environment, settings.env.filter(isNotOurs), privatePath),
    timeoutMs: Math.min(Math.max(order.timeoutMs, 1), LONGEST_TIMEOUT_MS),
    silentMs: settings.silentMinutes * MS_PER_MINUTE * SILENT_SHARE,
    onOutput,
    ...(signal === undefined ? {} : { signal }),
    ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
  });
}

/** The runner itself talks to the model, so its commands never need the key, whatever config names. */
function isNotOurs(variable: string): boolean {
  return !variable.startsWith("ANTHROPIC_");
}

/** What the model is told of a command; anything but exit code 0 is an error to it. */
function answer(outcome: ProcessOutcome, output: string): string {
  if (outcome.kind === "exited" && outcome.code === 0)
    return output === "" ? "(no output)" : output;
  throw new ToolError(`${howItEnded(outcome)}\n${output}`.trimEnd());
}

function howItEnded(outcome: ProcessOutcome): string {
  switch (outcome.kind) {
    case "exited":
      return `exit code ${outcome.code}`;
    case "killed":
      return `killed by ${outcome.by}`;
    case "timed_out":
      return `stopped after ${outcome.afterMs} ms, its time limit`;
    case "silent":
      return `stopped: it printed nothing for ${Math.round(outcome.silentForMs)} ms`;
    case "stopped":
      return "stopped with the run";
    case "unstartable":
      return `it can't be started: ${outcome.reason}`;
  }
}

function keepEnds() {
  let head = "";
  let tail = "";
  let dropped = 0;
  return {
    add(chunk: string): void {
      const fits = HEAD - head.length;
      head += chunk.slice(0, fits);
      const rest = tail + chunk.slice(Math.max(fits, 0));
      tail = rest.slice(-TAIL);
      dropped += rest.length - tail.length;
    },
    length: () => head.length + dropped + tail.length,
    text: () => (dropped === 0 ? head + tail : `${head}\n… ${dropped} characters …\n${tail}`),
  };
}
