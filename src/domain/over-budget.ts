import {
  type BudgetFigures,
  type BudgetRefusal,
  endOfDay,
  figuresText,
  type OverBudget,
} from "./budget.js";
import type { EffectKind } from "./effect.js";
import { EMPTY_REPORT } from "./run.js";
import { runEnded } from "./run-ended.js";
import { type Cause, numbered, type Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/**
 * Ends a run that the budget doesn't allow before its agent starts. People are told once, not at each
 * retry of the same version. Null: the run isn't the item's own any more.
 */
export function heldBack(
  item: WorkItem,
  run: string,
  refusal: BudgetRefusal,
  cause: Cause,
  developerRunCap: number,
): Transition | null {
  const reason = refusalText(item, refusal);
  const end = {
    ending: "over_budget",
    reason,
    report: EMPTY_REPORT,
    commitBefore: item.head,
    commitAfter: null,
    wrote: [],
  } as const;
  const closed = runEnded(item, run, end, cause, developerRunCap);
  if (closed === null) return null;
  const overBudget = holdOf(item, refusal);
  const next = { ...closed.item, overBudget };
  const telling = isSame(item.overBudget, overBudget) ? [] : toTell(item, refusal, reason);
  return { ...closed, item: next, effects: [...closed.effects, ...numbered(next, cause, telling)] };
}

function holdOf({ version }: WorkItem, refusal: BudgetRefusal): OverBudget {
  return {
    version,
    limit: refusal.limit,
    day: refusal.limit === "perDay" ? refusal.day : null,
    scope: refusal.limit === "perDay" ? refusal.scope : null,
    unit: refusal.limit === "price" ? null : refusal.figures.unit,
  };
}

function isSame(before: OverBudget | undefined, now: OverBudget): boolean {
  return (
    before !== undefined &&
    before.version === now.version &&
    before.limit === now.limit &&
    before.day === now.day &&
    before.scope === now.scope
  );
}

function toTell({ id }: WorkItem, refusal: BudgetRefusal, reason: string): EffectKind[] {
  return [
    { kind: "comment", body: `**${id} is paused.** ${reason}\n\n${remedyText(refusal)}` },
    { kind: "notification", text: `${id} is paused. ${reason}` },
  ];
}

function refusalText(item: WorkItem, refusal: BudgetRefusal): string {
  switch (refusal.limit) {
    case "perItem":
      return `The item's budget does not allow this run: ${figuresText(refusal.figures)}.`;
    case "perDay": {
      const whose = refusal.scope === "fleet" ? "" : ` of project ${item.project}`;
      return `The budget${whose} for ${refusal.day} does not allow this run: ${figuresText(refusal.figures)}.`;
    }
    case "price":
      return `The model ${refusal.model} has no price, so no budget in USD can be kept.`;
  }
}

function remedyText(refusal: BudgetRefusal): string {
  switch (refusal.limit) {
    case "perItem":
      return `An approver's \`/budget +${enough(refusal.figures)}\` goes on.`;
    case "perDay": {
      const midnight = new Date(endOfDay(refusal.day)).toISOString();
      return `It goes on by itself at ${midnight}; an approver's \`/budget +${enough(refusal.figures)}\` goes on now.`;
    }
    case "price":
      return "Once `models` in the configuration has its price, an approver's `/retry` goes on.";
  }
}

/** A round amount that lets the run start. */
function enough({ unit, spent, reserved, estimate, allowed }: BudgetFigures): number {
  const step = unit === "usd" ? 5 : 100_000;
  return Math.max(1, Math.ceil((spent + reserved + estimate - allowed) / step)) * step;
}
