import type { BetaUsage } from "@anthropic-ai/sdk/resources/beta";
import type { Model } from "../domain/fleet.js";
import type { RunReport } from "../domain/run.js";

/** What the cache makes of the price of an input token: written for five minutes, and read. */
const WRITE_FACTOR = 1.25;
const READ_FACTOR = 0.1;
const MILLION = 1_000_000;

type Counted = Pick<
  BetaUsage,
  "input_tokens" | "output_tokens" | "cache_creation_input_tokens" | "cache_read_input_tokens"
>;

/** Counts what a run used, an answer that broke off included. */
export interface Tally {
  /** What the answer that is arriving has used so far; replaces what was said of it before. */
  arriving(usage: Counted): void;
  arrived(): void;
  report(summary?: string): RunReport;
}

export function createTally(model: Model): Tally {
  const complete: Counted[] = [];
  let current: Counted | null = null;
  return {
    arriving(usage) {
      current = { ...usage };
    },
    arrived() {
      if (current !== null) complete.push(current);
      current = null;
    },
    report(summary) {
      const answers = current === null ? complete : [...complete, current];
      const sum = (of: (usage: Counted) => number) =>
        answers.reduce((total, usage) => total + of(usage), 0);
      return {
        ...(summary === undefined || summary === "" ? {} : { summary }),
        model: model.id,
        usage: { inputTokens: sum(inputOf), outputTokens: sum((usage) => usage.output_tokens) },
        costUsd: sum((usage) => costOf(usage, model)),
      };
    },
  };
}

function inputOf(usage: Counted): number {
  return usage.input_tokens + written(usage) + read(usage);
}

function costOf(usage: Counted, model: Model): number {
  const input = usage.input_tokens + written(usage) * WRITE_FACTOR + read(usage) * READ_FACTOR;
  const { usdPerMillionInput, usdPerMillionOutput } = model;
  return (input * usdPerMillionInput + usage.output_tokens * usdPerMillionOutput) / MILLION;
}

const written = (usage: Counted): number => usage.cache_creation_input_tokens ?? 0;
const read = (usage: Counted): number => usage.cache_read_input_tokens ?? 0;
