import { endOfDay } from "../domain/budget.js";
import { type Model, modelKey } from "../domain/fleet.js";
import { spendingOf } from "../domain/price.js";
import type { RunReport } from "../domain/run.js";
import type { WorkItem } from "../domain/work-item.js";
import { budgeted } from "./budget.js";
import type { JobOutcome } from "./jobs.js";
import type { Assignment, RunDeps } from "./run-deps.js";

/** Those whom a day held back don't all return in the same moment of the next one. */
const JITTER_MS = 60_000;

/** A day's limit ends with the day; any other waits for a person, who promotes or replaces the job. */
export function untilAllowed({ overBudget, reason }: WorkItem): JobOutcome {
  if (overBudget?.day == null) return { kind: "parked", reason };
  const at = new Date(endOfDay(overBudget.day) + Math.floor(Math.random() * JITTER_MS));
  return { kind: "later", at, reason };
}

/** Counts what a run used in place of what it held; nothing reported: its estimate counts. */
export async function settleRun(
  deps: RunDeps,
  { item, run }: Assignment,
  report: RunReport,
): Promise<void> {
  await deps.budgets.settle(budgeted(item, run), spendingOf(report));
}

/** The model whose price holds for a run; null: config doesn't know it any more. */
export function modelOf({ fleet }: Pick<RunDeps, "fleet">, assignment: Assignment): Model | null {
  return fleet.models[keyOf(assignment)] ?? null;
}

/** Its key in the models of config. */
export function keyOf({ settings, item }: Assignment): string {
  return modelKey(settings, item.metadata.assignedAgent);
}
