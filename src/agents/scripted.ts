import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { EMPTY_REPORT, type RunnerEnding, type RunReport } from "../domain/run.js";
import type { RunContext, Runner } from "../engine/runner.js";
import { findStep, playFiles, ScriptError, type ScriptStep } from "./script-step.js";

const MS_PER_MINUTE = 60_000;

/**
 * Plays files from `settings.script` instead of asking a model; for demo and tests.
 *
 *     <script>/<role>/<n>/...                     the n-th run of the role, for every item
 *     <script>/items/<name>/<role>/<n>/...        the same, for one item; comes first
 *
 * `<name>` is the item's id or the slug in its branch name. `<n>` counts runs of the role for the
 * item, from 1; without a folder of that number the highest below it is played again. All files of
 * the folder go into the worktree, replacing `__ITEM__`, `__ARTIFACTS__` (the item's folder of
 * artifacts), `__ROLE__`, `__STAGE__`, `__BRANCH__`, `__RUN__`, `__ROUND__` and `__ATTEMPT__` in
 * their paths and texts. `step.json` is not copied: it says how the run ends (`ending`, `reason`,
 * `delay_ms`, `output`, `remove`, `usage`, `cost_usd`, `summary`, `reset_in_ms`).
 */
export function createScriptedRunner(): Runner {
  return async (context, signal) => {
    try {
      const step = await findStep(foldersFor(context), context.round);
      if (step === null) return failed(`the script has nothing for the ${context.role}`);
      return await play(step, context, signal);
    } catch (error) {
      if (error instanceof ScriptError) return failed(error.message);
      throw error;
    }
  };
}

async function play(
  step: ScriptStep,
  context: RunContext,
  signal: AbortSignal,
): Promise<RunnerEnding> {
  const report = reportOf(step);
  const limitMs = context.settings.timeoutMinutes * MS_PER_MINUTE;
  const works = step.ending === "hang" ? Number.POSITIVE_INFINITY : step.delay_ms;
  if (step.output !== "") context.log(`${step.output}\n`);
  if (!(await pause(Math.min(works, limitMs), signal))) return { kind: "cancelled", report };
  if (works > limitMs) return { kind: "timed_out", afterMs: limitMs, report };
  await playFiles(step, context.worktree, placeholders(context));
  return endingOf(step, report);
}

function endingOf(step: ScriptStep, report: RunReport): RunnerEnding {
  switch (step.ending) {
    case "failed":
    case "transient":
      return { kind: step.ending, reason: step.reason, report };
    case "limited":
      return { kind: "limited", until: new Date(Date.now() + step.reset_in_ms), report };
    case "finished":
    case "hang":
      return { kind: "finished", report };
  }
}

function reportOf(step: ScriptStep): RunReport {
  return {
    ...(step.summary === undefined ? {} : { summary: step.summary }),
    usage: { inputTokens: step.usage.input_tokens, outputTokens: step.usage.output_tokens },
    costUsd: step.cost_usd,
  };
}

function foldersFor(context: RunContext): readonly string[] {
  const { script } = context.settings;
  if (script === null) throw new ScriptError("no script is configured for the scripted runner");
  const slug = context.branch.slice(`feature/${context.item}-`.length);
  const names = [context.item, ...(/^[a-z0-9-]+$/.test(slug) ? [slug] : [])];
  const own = names.map((name) => join(script, "items", name, context.role));
  return [...own, join(script, context.role)];
}

function placeholders(context: RunContext): (text: string) => string {
  const values: Readonly<Record<string, string>> = {
    __ITEM__: context.item,
    __ARTIFACTS__: context.artifacts,
    __ROLE__: context.role,
    __STAGE__: context.stage,
    __BRANCH__: context.branch,
    __RUN__: context.run,
    __ROUND__: String(context.round),
    __ATTEMPT__: String(context.attempt),
  };
  return (text) => text.replace(/__[A-Z]+__/g, (name) => values[name] ?? name);
}

/** False: it was aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  if (ms === 0) return true;
  try {
    await wait(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function failed(reason: string): RunnerEnding {
  return { kind: "failed", reason, report: EMPTY_REPORT };
}
