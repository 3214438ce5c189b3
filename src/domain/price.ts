import type { Spending } from "./budget.js";
import type { Model } from "./fleet.js";
import type { RunReport, Usage } from "./run.js";

const MILLION = 1_000_000;
/** No run uses more. Agents say themselves what they used, and sums must stay sums. */
const MOST_USD = 1_000_000;
const MOST_TOKENS = 1_000_000_000_000;

/** USD; null: the model has no price. */
export function costOf(model: Model | null, usage: Usage): number | null {
  if (model === null) return null;
  const { inputTokens, outputTokens } = usage;
  const { usdPerMillionInput, usdPerMillionOutput } = model;
  return (inputTokens * usdPerMillionInput + outputTokens * usdPerMillionOutput) / MILLION;
}

/**
 * What a run is expected to need: the context its issue names, read once. `usd` is null if the model
 * has no price.
 */
export function estimateOf(
  model: Model | null,
  estimatedContext: number,
): { readonly usd: number | null; readonly tokens: number } {
  const usd = costOf(model, { inputTokens: estimatedContext, outputTokens: 0 });
  return { usd, tokens: estimatedContext };
}

/**
 * The report with its cost: the runner's own word, else by price; null if neither is known. What no
 * run can have used is cut to the most it can.
 */
export function priced(report: RunReport, model: Model | null): RunReport {
  const { inputTokens, outputTokens } = report.usage;
  const usage = {
    inputTokens: Math.min(inputTokens, MOST_TOKENS),
    outputTokens: Math.min(outputTokens, MOST_TOKENS),
  };
  const known = report.costUsd !== null || !saysUsage(report);
  const costUsd = known ? report.costUsd : costOf(model, usage);
  return { ...report, usage, costUsd: costUsd === null ? null : Math.min(costUsd, MOST_USD) };
}

/** What a run used by its report; null: it reported nothing. */
export function spendingOf(report: RunReport): Spending | null {
  if (report.costUsd === null && !saysUsage(report)) return null;
  const { inputTokens, outputTokens } = report.usage;
  return { usd: report.costUsd ?? 0, tokens: inputTokens + outputTokens };
}

function saysUsage({ usage }: RunReport): boolean {
  return usage.inputTokens + usage.outputTokens > 0;
}
