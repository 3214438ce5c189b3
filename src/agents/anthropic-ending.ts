import { stripVTControlCharacters } from "node:util";
import { type AnthropicError, APIError } from "@anthropic-ai/sdk";
import type { BetaMessage } from "@anthropic-ai/sdk/resources/beta";
import type { RunnerEnding, RunReport } from "../domain/run.js";
import { limitedUntil } from "./anthropic-limits.js";

const LONGEST_REASON = 300;
/** What an error inside a stream would have had as its status. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};
/** Statuses below 500 that say "again", not "never". */
const PASSING = new Set([408, 409, 429, 499]);

/** How a run ends that the model's API, or the way to it, put an end to. */
export function endingOfError(error: AnthropicError, report: RunReport, now: Date): RunnerEnding {
  if (!(error instanceof APIError))
    return transient(`the answer broke off: ${words(error)}`, report);
  const until = limitedUntil(error, now);
  if (until !== null) return { kind: "limited", until, report };
  const status = error.status ?? STATUS_OF_TYPE[error.type ?? ""];
  if (status === undefined)
    return transient(`the model's API can't be reached: ${words(error)}`, report);
  const said = `the model's API answered ${status}: ${error.apiMessage ?? words(error)}`;
  if (status >= 500 || PASSING.has(status)) return transient(said, report);
  if (status === 401) {
    return failed(
      "the model's API refused the key (401); give ANTHROPIC_API_KEY a valid one",
      report,
    );
  }
  return failed(said, report);
}

/** How a run ends whose conversation came to an end; `requests` is the bound it may have met. */
export function endingOfMessage(
  message: BetaMessage,
  report: RunReport,
  requests: number,
): RunnerEnding {
  switch (message.stop_reason) {
    case "end_turn":
    case "stop_sequence":
      return { kind: "finished", report };
    case "refusal": {
      const why = message.stop_details?.explanation ?? "it gave no explanation";
      return failed(`the model refused: ${why}`, report);
    }
    case "max_tokens":
      return failed("an answer of the model was longer than one answer may be", report);
    case "model_context_window_exceeded":
      return failed("the conversation outgrew the model's context window", report);
    case "tool_use":
    case "pause_turn":
      return failed(`the model was still at work after ${requests} requests`, report);
    case "compaction":
    case null:
      return failed("the model stopped without an answer", report);
  }
}

/** The last text of the model, for the run's record. */
export function textOf(message: BetaMessage): string {
  const texts = message.content.flatMap((block) => (block.type === "text" ? [block.text] : []));
  return texts.join("\n").trim();
}

function words(error: Error): string {
  const { cause } = error;
  const under =
    cause instanceof Error && cause.message !== error.message ? `: ${cause.message}` : "";
  return `${error.message}${under}`;
}

/** The words come from outside: what a terminal would obey is taken out. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, " ").slice(0, LONGEST_REASON);
}

function transient(reason: string, report: RunReport): RunnerEnding {
  return { kind: "transient", reason: oneLine(reason), report };
}

function failed(reason: string, report: RunReport): RunnerEnding {
  return { kind: "failed", reason: oneLine(reason), report };
}
