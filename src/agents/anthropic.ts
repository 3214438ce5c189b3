import { AnthropicError } from "@anthropic-ai/sdk";
import type { BetaMessage } from "@anthropic-ai/sdk/resources/beta";
import type { Model } from "../domain/fleet.js";
import { EMPTY_REPORT, type RunnerEnding } from "../domain/run.js";
import type { RunContext, Runner } from "../engine/runner.js";
import { type AnthropicAccess, createRunClient } from "./anthropic-client.js";
import { endingOfError, endingOfMessage, textOf } from "./anthropic-ending.js";
import type { ShellOptions } from "./anthropic-shell.js";
import { createTools } from "./anthropic-tools.js";
import { createTally, type Tally } from "./anthropic-usage.js";
import type { Environment } from "./environment.js";
import { type RunWatch, watchRun } from "./run-watch.js";
import { type Contain, uncontained } from "./sandbox.js";

export interface AnthropicRunnerOptions extends AnthropicAccess {
  /** The process's environment; a command sees only what the allow-list lets through. */
  readonly environment: Environment;
  readonly contain?: Contain;
  /** Between TERM and KILL of a command, in milliseconds; default 10 s. */
  readonly graceMs?: number;
  /** Requests one run may send; default 250. */
  readonly mostRequests?: number;
}

const MS_PER_MINUTE = 60_000;
const MOST_REQUESTS = 250;
const MOST_ANSWER_TOKENS = 32_000;
const LONGEST_SUMMARY = 4_000;

const SYSTEM = `You work by tools in a folder that holds a checkout of a git repository.
Paths are relative to that folder, and nothing outside it can be reached by the file tools.
What you leave in the folder is committed for you, so don't commit, push or switch branches.
End with a short summary of what you did.`;

/**
 * Results of old tool calls are dropped by the API once the conversation is long, the latest kept.
 * Enough at once that writing the cache anew is worth it.
 */
const FORGET_OLD_RESULTS = {
  edits: [
    {
      type: "clear_tool_uses_20250919" as const,
      trigger: { type: "input_tokens" as const, value: 120_000 },
      keep: { type: "tool_uses" as const, value: 8 },
      clear_at_least: { type: "input_tokens" as const, value: 30_000 },
    },
  ],
};
const CONTEXT_EDITING_BETA = "context-management-2025-06-27";

/** Lets a model work in the worktree by tools, through the Messages API, inside this process. */
export function createAnthropicRunner(options: AnthropicRunnerOptions): Runner {
  return async (context, signal) => {
    const { model, settings } = context;
    if (model === null) return noModel(context.modelKey);
    const limits = {
      timeoutMs: settings.timeoutMinutes * MS_PER_MINUTE,
      silentMs: settings.silentMinutes * MS_PER_MINUTE,
    };
    const watch = watchRun(limits, signal);
    const tally = createTally(model);
    try {
      return await work(options, context, { model, watch, tally });
    } catch (error) {
      const stop = watch.stopped();
      if (stop !== null) return { ...stop, report: tally.report() };
      if (!(error instanceof AnthropicError)) throw error;
      return endingOfError(error, tally.report(), new Date());
    } finally {
      watch.dispose();
    }
  };
}

interface Run {
  readonly model: Model;
  readonly watch: RunWatch;
  readonly tally: Tally;
}

async function work(
  options: AnthropicRunnerOptions,
  context: RunContext,
  run: Run,
): Promise<RunnerEnding> {
  const requests = options.mostRequests ?? MOST_REQUESTS;
  const last = await converse(options, context, run, requests);
  const stop = run.watch.stopped();
  if (stop !== null) return { ...stop, report: run.tally.report() };
  const report = run.tally.report(textOf(last).slice(0, LONGEST_SUMMARY));
  return endingOfMessage(last, report, requests);
}

/** The model's last answer, once it asks for no more tools or has asked `requests` times. */
async function converse(
  options: AnthropicRunnerOptions,
  context: RunContext,
  { model, watch, tally }: Run,
  requests: number,
): Promise<BetaMessage> {
  watch.signal.throwIfAborted();
  const say = (text: string): void => {
    watch.heard();
    if (text !== "") context.log(text);
  };
  const conversation = createRunClient(options).beta.messages.toolRunner(
    {
      ...question(model, context.prompt),
      tools: createTools(shellOf(options, watch), context, say),
      stream: true,
      max_iterations: requests,
    },
    { signal: watch.signal },
  );
  for await (const answer of conversation) {
    answer.on("text", say);
    answer.on("streamEvent", (_event, { usage }) => {
      watch.heard();
      tally.arriving(usage);
    });
    await answer.finalMessage();
    tally.arrived();
  }
  return conversation.done();
}

function question(model: Model, prompt: string) {
  return {
    model: model.id,
    max_tokens: MOST_ANSWER_TOKENS,
    system: SYSTEM,
    messages: [{ role: "user" as const, content: prompt }],
    // The whole conversation goes with every request: no provider keeps it, and any gateway will do.
    thread: false as const,
    cache_control: { type: "ephemeral" as const },
    context_management: FORGET_OLD_RESULTS,
    betas: [CONTEXT_EDITING_BETA],
  };
}

function shellOf(options: AnthropicRunnerOptions, watch: RunWatch): ShellOptions {
  const { contain = uncontained, environment, graceMs } = options;
  const onBroken = (reason: string) => watch.faulty(`commands can't be started: ${reason}`);
  return { contain, environment, graceMs, onBroken };
}

function noModel(key: string): RunnerEnding {
  const reason = `config's models don't have ${key}, whose id the runner needs`;
  return { kind: "failed", reason, report: EMPTY_REPORT };
}
