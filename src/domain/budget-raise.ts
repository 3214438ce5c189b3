import { acknowledged, answered, refused, type Speaker } from "./answers.js";
import { amountText, type BudgetUnit, type ItemLimits, type OverBudget, raised } from "./budget.js";
import type { EffectKind } from "./effect.js";
import type { WorkStage } from "./stage.js";
import { type Cause, entering, historyEntry, type Rules, type Transition } from "./transition.js";
import { isFinished, type WorkItem } from "./work-item.js";

/**
 * A person adds to what may be spent: to the item's own limit, and to the day's where that holds it.
 * An item that is held goes on; the amount is in the unit of the limit that holds it, else of its own.
 */
export function budgetRaised(
  item: WorkItem,
  speaker: Speaker,
  add: number,
  limits: ItemLimits,
  rules: Rules,
  cause: Cause,
): Transition {
  if (isFinished(item)) {
    return refused(item, speaker, cause, `${item.id} is ${item.status} already.`);
  }
  const hold = holdOf(item);
  const unit = hold?.unit ?? limits.perItem?.unit ?? null;
  if (unit === null) return answered(item, speaker, cause, nothingAdded(item, limits));
  const granted = grantedTo(item, add, unit, limits);
  const text = `${speaker.name} added ${amountText(unit, add)} to the budget.${allowedText(granted, unit, limits)}`;
  return hold === null
    ? notedRaise(granted, speaker, text, cause)
    : goneOn(granted, hold, add, unit, speaker, text, rules, cause);
}

/** The limit that keeps the item from going on now. */
function holdOf(item: WorkItem): OverBudget | null {
  const isHeld = item.status === "paused" && item.run?.ending === "over_budget";
  return isHeld ? (item.overBudget ?? null) : null;
}

function nothingAdded(item: WorkItem, { perDay }: ItemLimits): string {
  return perDay.length === 0
    ? `No budget limits ${item.id}; nothing was added.`
    : `Only the day's budget limits ${item.id}, and it does not hold it now; nothing was added.`;
}

function grantedTo(item: WorkItem, add: number, unit: BudgetUnit, limits: ItemLimits): WorkItem {
  if (limits.perItem?.unit !== unit) return item;
  const before = item.grantedBudget?.[unit] ?? 0;
  return { ...item, grantedBudget: { ...item.grantedBudget, [unit]: before + add } };
}

function allowedText(item: WorkItem, unit: BudgetUnit, { perItem }: ItemLimits): string {
  if (perItem?.unit !== unit) return "";
  const { amount } = raised(perItem, item.grantedBudget);
  return ` ${item.id} may spend ${amountText(unit, amount)} in all.`;
}

function notedRaise(item: WorkItem, speaker: Speaker, text: string, cause: Cause): Transition {
  const entry = historyEntry(cause, "command", { from: item.stage, reason: text });
  return { ...answered(item, speaker, cause, text), history: [entry] };
}

/** The run that was held back starts in a new version, for the cause it had. */
function goneOn(
  item: WorkItem,
  hold: OverBudget,
  add: number,
  unit: BudgetUnit,
  speaker: Speaker,
  text: string,
  rules: Rules,
  cause: Cause,
): Transition {
  const runCause = item.cause ?? {
    kind: "entered" as const,
    reason: text,
    artifact: null,
    detail: "",
  };
  const entered = entering(item, item.stage as WorkStage, cause, rules, {
    reason: text,
    runCause,
    allowedPaths: item.allowedPaths,
    effects: [
      // First: what follows asks the day's ledger again.
      ...dayRaise(item, hold, add, unit),
      { kind: "discard-flow", version: item.version },
    ],
  });
  return acknowledged(entered, speaker, cause, text);
}

function dayRaise(
  item: WorkItem,
  hold: OverBudget,
  add: number,
  unit: BudgetUnit,
): readonly EffectKind[] {
  if (hold.limit !== "perDay" || hold.day === null) return [];
  const project = hold.scope === "project" ? item.project : null;
  return [{ kind: "raise-day-budget", day: hold.day, project, granted: { [unit]: add } }];
}
