import type { BudgetRefusal } from "../domain/budget.js";
import { heldBack } from "../domain/over-budget.js";
import { estimateOf } from "../domain/price.js";
import { budgeted } from "./budget.js";
import { closeRun } from "./close-run.js";
import { type JobOutcome, stale } from "./jobs.js";
import { driveOutbox } from "./outbox.js";
import { keyOf, modelOf, untilAllowed } from "./run-budget.js";
import { type Assignment, causeNow, type RunDeps } from "./run-deps.js";
import { endWithoutAgent } from "./run-end.js";

/** Reserves what a run is expected to need; null: its agent may start. */
export async function keptByBudget(
  deps: RunDeps,
  assignment: Assignment,
): Promise<JobOutcome | null> {
  const refusal = await reserve(deps, assignment);
  if (refusal === null) return null;
  if (refusal === "settled") return movedOn(deps, assignment);
  const { item, run } = assignment;
  deps.log.info({ item: item.id, run: run.id, refusal }, "the budget does not allow this run");
  const cause = causeNow(deps, `end-${run.id}`, `run ${run.id}`);
  const cap = deps.fleet.limits.developerRuns;
  const held = await deps.items.transition(item.id, (now) =>
    heldBack(now, run.id, refusal, cause, cap),
  );
  if (held === null) return movedOn(deps, assignment);
  await driveOutbox(deps, item.id);
  return untilAllowed(held.item);
}

/** Others closed the record in the meantime: as with any run, its slot is given back. */
async function movedOn(deps: RunDeps, assignment: Assignment): Promise<JobOutcome> {
  await closeRun(deps, assignment, endWithoutAgent("superseded", "the item moved on"));
  return stale("the run was taken over or cancelled");
}

async function reserve(
  deps: RunDeps,
  assignment: Assignment,
): Promise<BudgetRefusal | "settled" | null> {
  const { item, run } = assignment;
  const { usd, tokens } = estimateOf(modelOf(deps, assignment), item.metadata.estimatedContext);
  if (usd === null && hasUsdLimit(deps, item.project)) {
    return { limit: "price", model: keyOf(assignment) };
  }
  const estimate = { usd: usd ?? 0, tokens };
  return deps.budgets.reserve(budgeted(item, run), estimate, item.grantedBudget ?? {});
}

function hasUsdLimit(deps: RunDeps, project: string): boolean {
  const { perItem, perDay } = deps.budgets.limitsOf(project);
  return [perItem, ...perDay].some((limit) => limit?.unit === "usd");
}
