import { fileURLToPath } from "node:url";
import { createClaudeCodeRunner } from "../../src/agents/claude-code.js";
import type { AgentSettings } from "../../src/domain/fleet.js";
import type { RunnerEnding } from "../../src/domain/run.js";
import type { RunContext } from "../../src/engine/runner.js";
import { tryRun } from "./run-context.js";

/** The stand-in for the CLI. */
export const FAKE_CLAUDE = fileURLToPath(new URL("./fake-claude.mjs", import.meta.url));

const MODEL = {
  id: "claude-sonnet-5-5",
  provider: "anthropic",
  usdPerMillionInput: 3,
  usdPerMillionOutput: 15,
};

/** A step: the first event of a session. */
export const INIT = {
  event: { type: "system", subtype: "init", model: "claude-sonnet-5-5-2026" },
};

/** The result of a session that went well. */
export const DONE = {
  type: "result",
  subtype: "success",
  is_error: false,
  result: "All done.",
  num_turns: 3,
  total_cost_usd: 0.42,
  usage: {
    input_tokens: 10,
    cache_creation_input_tokens: 200,
    cache_read_input_tokens: 3000,
    output_tokens: 40,
  },
};

/** A step: the session ends with an error. */
export const claudeError = (over: object) => ({ event: { ...DONE, is_error: true, ...over } });

export interface Played {
  readonly ending: RunnerEnding;
  readonly output: string;
  readonly context: RunContext;
}

/** Runs the stand-in with these steps; null: it tells what it was given. */
export async function playClaude(
  steps: readonly unknown[] | null,
  settings: Partial<AgentSettings> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Played> {
  const tried = await tryRun(
    { runner: "claude-code", command: [FAKE_CLAUDE], env: ["FAKE_CLAUDE", "MY_KEY"], ...settings },
    { model: MODEL, modelKey: "sonnet" },
  );
  const runner = createClaudeCodeRunner({
    environment: {
      PATH: process.env.PATH,
      GITEA_TOKEN: "hidden",
      ...environment,
      ...(steps === null ? {} : { FAKE_CLAUDE: JSON.stringify(steps) }),
    },
    graceMs: 300,
  });
  const ending = await runner(tried.context, new AbortController().signal);
  return { ending, output: tried.output(), context: tried.context };
}
