import type { Model } from "../domain/fleet.js";
import type { RunReport, Usage } from "../domain/run.js";
import type { ClaudeEvent, MessageUsage, ResultEvent } from "./claude-events.js";

const LONGEST_SUMMARY = 4_000;
/** What the provider charges for a prompt's cached parts, in parts of the input price. */
const CACHE_WRITE = 1.25;
const CACHE_READ = 0.1;

/** What the CLI's events told so far. */
export interface ClaudeSession {
  /** The last one: a session that was woken again ends more than once. */
  readonly result: ResultEvent | null;
  /** As the CLI resolved it. */
  readonly model: string | null;
  /** A kind such as `rate_limit` or `overloaded`, of the last answer the provider refused. */
  readonly lastError: string | null;
  /** The provider said that a quota is spent; `resetsAt` in epoch seconds, if it told. */
  readonly rejected: { readonly resetsAt: number | null } | null;
  /** By message id: the CLI repeats a message's usage with each of its parts. */
  readonly messages: ReadonlyMap<string, MessageUsage>;
}

export const NO_SESSION: ClaudeSession = {
  result: null,
  model: null,
  lastError: null,
  rejected: null,
  messages: new Map(),
};

export function afterEvent(session: ClaudeSession, event: ClaudeEvent): ClaudeSession {
  switch (event.type) {
    case "system":
      return event.subtype === "init" && event.model !== undefined
        ? { ...session, model: event.model }
        : session;
    case "assistant": {
      const { id, usage } = event.message;
      const known = id === undefined || usage === undefined ? [] : [[id, usage] as const];
      const messages = new Map([...session.messages, ...known]);
      return { ...session, messages, lastError: event.error ?? null };
    }
    case "rate_limit_event": {
      const { status, resetsAt } = event.rate_limit_info;
      if (status !== "rejected") return session;
      return { ...session, rejected: { resetsAt: resetsAt ?? null } };
    }
    case "result":
      return { ...session, result: event };
    case "user":
      return session;
  }
}

/**
 * What a session used. Of one that was stopped before its result, the sum of its messages, priced by
 * the fleet's table: a stopped run has cost money too.
 */
export function reportOf(session: ClaudeSession, model: Model | null): RunReport {
  const { result, messages } = session;
  const began = result !== null || session.model !== null || messages.size > 0;
  const summary = result?.is_error === false ? result.result : undefined;
  const name = session.model ?? model?.id;
  return {
    ...(summary ? { summary: summary.slice(0, LONGEST_SUMMARY) } : {}),
    ...(name === undefined ? {} : { model: name }),
    usage: usageOf(session),
    costUsd: result?.total_cost_usd ?? (began ? priceOf([...messages.values()], model) : 0),
  };
}

function usageOf({ result, messages }: ClaudeSession): Usage {
  // Of all models, subagents included; `usage` may speak of the last turn alone.
  const models = Object.values(result?.modelUsage ?? {});
  if (models.length > 0) {
    return {
      inputTokens: sum(
        models,
        (used) => used.inputTokens + used.cacheReadInputTokens + used.cacheCreationInputTokens,
      ),
      outputTokens: sum(models, (used) => used.outputTokens),
    };
  }
  const used = result?.usage === undefined ? [...messages.values()] : [result.usage];
  return {
    inputTokens: sum(
      used,
      (each) => each.input_tokens + each.cache_creation_input_tokens + each.cache_read_input_tokens,
    ),
    outputTokens: sum(used, (each) => each.output_tokens),
  };
}

function priceOf(used: readonly MessageUsage[], model: Model | null): number | null {
  if (model === null || used.length === 0) return null;
  const input = sum(
    used,
    (each) =>
      each.input_tokens +
      each.cache_creation_input_tokens * CACHE_WRITE +
      each.cache_read_input_tokens * CACHE_READ,
  );
  const output = sum(used, (each) => each.output_tokens);
  return (input * model.usdPerMillionInput + output * model.usdPerMillionOutput) / 1_000_000;
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
