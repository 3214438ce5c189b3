import { onTestFinished } from "vitest";
import { type AnthropicRunnerOptions, createAnthropicRunner } from "../../src/agents/anthropic.js";
import type { AgentSettings, Model } from "../../src/domain/fleet.js";
import type { RunnerEnding } from "../../src/domain/run.js";
import type { RunContext } from "../../src/engine/runner.js";
import { type FakeAnthropic, startFakeAnthropic } from "./fake-anthropic.js";
import { type Tried, tryRun } from "./run-context.js";

/** Prices whose sums can be read. */
export const MODEL: Model = {
  id: "claude-sonnet-5-5",
  provider: "anthropic",
  usdPerMillionInput: 10,
  usdPerMillionOutput: 50,
};

export interface ModelRun extends Tried {
  readonly api: FakeAnthropic;
  run(signal?: AbortSignal): Promise<RunnerEnding>;
  /** What the tools answered in the last request, in order, and whether as an error. */
  results(): readonly { readonly text: string; readonly error: boolean }[];
}

/** A run against a fake of the Messages API, in a temporary worktree. */
export async function modelRun(
  settings: Partial<AgentSettings> = {},
  options: Partial<AnthropicRunnerOptions> = {},
  over: Partial<RunContext> = {},
): Promise<ModelRun> {
  const api = await startFakeAnthropic();
  onTestFinished(() => api.close());
  const tried = await tryRun({ runner: "anthropic", ...settings }, { model: MODEL, ...over });
  const runner = createAnthropicRunner({
    apiKey: api.apiKey,
    baseURL: api.url,
    environment: { PATH: process.env.PATH },
    maxRetries: 0,
    graceMs: 300,
    ...options,
  });
  return {
    ...tried,
    api,
    run: (signal = new AbortController().signal) => runner(tried.context, signal),
    results: () => resultsOf(api.requests.at(-1)),
  };
}

interface ToolResult {
  readonly type: string;
  readonly content: string;
  readonly is_error?: boolean;
}

function resultsOf(request: Record<string, unknown> | undefined) {
  const messages = (request?.messages ?? []) as readonly { readonly content: unknown }[];
  const content = messages.at(-1)?.content;
  const blocks = (Array.isArray(content) ? content : []) as readonly ToolResult[];
  return blocks
    .filter(({ type }) => type === "tool_result")
    .map(({ content: text, is_error }) => ({ text: String(text), error: is_error === true }));
}
