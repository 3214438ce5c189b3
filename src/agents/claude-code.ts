import type { RunnerEnding, RunReport } from "../domain/run.js";
import type { RunContext, Runner } from "../engine/runner.js";
import { limitedUntil, resetIn, speaksOfLimit } from "./claude-limits.js";
import { type ClaudeSession, reportOf } from "./claude-session.js";
import { type ClaudeEnd, createClaudeStream } from "./claude-stream.js";
import { type CommandRunnerOptions, EXIT_TRANSIENT, endingOf, runAgentProgram } from "./command.js";
import type { ProcessOutcome } from "./process.js";

const LONGEST_REASON = 300;
const TOO_MANY_REQUESTS = 429;

/**
 * Nobody is there to be asked, so everything the sandbox lets through is allowed; the CLI demands to
 * be told so where it is root. Its own updates and telemetry are none of a run's business.
 */
const VARIABLES = {
  IS_SANDBOX: "1",
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
} as const;

/** Runs the `claude` CLI without its terminal and reads its stream of events. */
export function createClaudeCodeRunner(options: CommandRunnerOptions): Runner {
  return async (context, signal) => {
    const stream = createClaudeStream(context.log);
    const outcome = await runAgentProgram(
      options,
      context,
      { command: claudeCommand(context), env: VARIABLES, onOutput: stream.push },
      signal,
    );
    return claudeEnding(outcome, stream.end(), context, Date.now());
  };
}

/**
 * The configured command, `claude` by default, and what makes it headless. Settings, hooks and
 * servers that the repository brings are not loaded: whoever can push a branch would run them.
 * An option the configuration gives is not given again.
 */
export function claudeCommand({ settings, model, modelKey }: RunContext): readonly string[] {
  const command = settings.command.length > 0 ? settings.command : ["claude"];
  const defaults: readonly (readonly string[])[] = [
    ["--permission-mode", "bypassPermissions"],
    ["--setting-sources", "user"],
    ["--model", model?.id ?? modelKey],
  ];
  const given = ([name]: readonly string[]): boolean =>
    command.some((argument) => argument === name || argument.startsWith(`${name}=`));
  return [
    ...command,
    ...["--print", "--output-format", "stream-json", "--verbose", "--include-partial-messages"],
    "--strict-mcp-config",
    ...defaults.filter((option) => !given(option)).flat(),
  ];
}

function claudeEnding(
  outcome: ProcessOutcome,
  end: ClaudeEnd,
  { model }: RunContext,
  now: number,
): RunnerEnding {
  const report = reportOf(end.session, model);
  if (outcome.kind !== "exited") return endingOf(outcome, { report, resetAt: null, ignored: null });
  const trouble = troubleOf(outcome.code, end);
  return trouble === null ? { kind: "finished", report } : told(trouble, end.session, report, now);
}

/** What went wrong, in the CLI's words; null: nothing did. */
interface Trouble {
  readonly text: string;
  readonly reason: string;
  /** `provider`: may be of its talk with the provider; `passing`: it asks to be tried again. */
  readonly of: "provider" | "agent" | "passing";
}

function troubleOf(code: number, { session, lastPlain }: ClaudeEnd): Trouble | null {
  const { result } = session;
  if (result === null) {
    const text = lastPlain || "is it the claude CLI?";
    const of = code === EXIT_TRANSIENT ? "passing" : "provider";
    return { text, of, reason: `exit code ${code} without a result: ${text}` };
  }
  const text = result.result || result.errors?.join("; ") || result.subtype;
  if (result.is_error && result.subtype === "success")
    return { text, of: "provider", reason: text };
  if (result.subtype === "success") {
    const reason = `exit code ${code} after its result`;
    return code === 0 ? null : { text: "", of: "agent", reason };
  }
  const of = result.subtype === "error_during_execution" ? "provider" : "agent";
  return { text, of, reason: text === result.subtype ? text : `${result.subtype}: ${text}` };
}

/** The provider's trouble passes by itself and spends nothing; the agent's is the run's end. */
function told(
  { text, of, reason }: Trouble,
  session: ClaudeSession,
  report: RunReport,
  now: number,
): RunnerEnding {
  if (of === "provider" && isLimit(text, session)) {
    const times = [session.rejected?.resetsAt ?? null, resetIn(text, now)];
    return { kind: "limited", until: limitedUntil(times, now), report };
  }
  const passing = of === "passing" || (of === "provider" && isPassing(text, session));
  return {
    kind: passing ? "transient" : "failed",
    reason: reason.replace(/\s+/g, " ").slice(0, LONGEST_REASON),
    report,
  };
}

function isLimit(text: string, { result, lastError, rejected }: ClaudeSession): boolean {
  const status = result?.api_error_status ?? null;
  if (status !== null) return status === TOO_MANY_REQUESTS;
  return lastError === "rate_limit" || rejected !== null || speaksOfLimit(text);
}

/** A status tells; without one there was no answer, and only the CLI's words are left. */
function isPassing(text: string, { result, lastError }: ClaudeSession): boolean {
  const status = result?.api_error_status ?? null;
  if (status !== null) return status >= 500 || status === 408;
  if (lastError === "overloaded" || lastError === "server_error") return true;
  return /API Error:? \(?5\d\d\b|overloaded|connection (?:error|closed|refused|reset)|unable to connect|timed out|fetch failed|socket hang up|\bE(?:CONN\w+|TIMEDOUT|NOTFOUND|AI_AGAIN|PIPE)\b/i.test(
    text,
  );
}
