import {
  type BudgetLimit,
  type BudgetRefusal,
  type GrantedBudget,
  type ItemLimits,
  raised,
  type Spending,
} from "../domain/budget.js";
import type { RunRecord } from "../domain/run.js";
import type { WorkItem } from "../domain/work-item.js";
import type { WorkItems } from "./work-items.js";

/** One run as the ledger knows it; it counts on the UTC day of its start. */
export interface BudgetedRun {
  readonly id: string;
  readonly item: string;
  readonly project: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
}

/** More money for one UTC day; each `id` counts once. */
export interface DayRaise {
  readonly id: string;
  readonly day: string;
  /** Null: the whole fleet's day. */
  readonly project: string | null;
  readonly granted: GrantedBudget;
}

/**
 * What was spent and what may be, over an item's life and by day. One run is reserved before it
 * starts and settled once when it is over, however it ended.
 */
export interface Budgets {
  limitsOf(project: string): ItemLimits;
  /**
   * Holds `estimate` for a run if every limit leaves room for it beside what was spent and what other
   * runs hold. Null: granted, also when it was before; "settled": the run is over. `granted` was added
   * to the item's own limit.
   */
  reserve(
    run: BudgetedRun,
    estimate: Spending,
    granted: GrantedBudget,
  ): Promise<BudgetRefusal | "settled" | null>;
  /**
   * Puts what a run used in the place of what it held, and ends it. `used` null: nobody knows, so what
   * it held counts, until the run's own word comes. Again: changes nothing.
   */
  settle(run: BudgetedRun, used: Spending | null): Promise<void>;
  raiseDay(raise: DayRaise): Promise<void>;
  /** What an item has spent so far, without what its run holds. */
  spentBy(item: string): Promise<Spending>;
}

/** An item's own limit with what was added to it, and what of it is spent. */
export interface ItemBudget extends BudgetLimit {
  readonly spent: number;
}

/** Null: nothing but perhaps the day limits the item. */
export async function budgetOf(budgets: Budgets, item: WorkItem): Promise<ItemBudget | null> {
  const { perItem } = budgets.limitsOf(item.project);
  if (perItem === null) return null;
  const spent = await budgets.spentBy(item.id);
  return { ...raised(perItem, item.grantedBudget), spent: spent[perItem.unit] };
}

/** A run as the ledger knows it. */
export function budgeted({ id, project }: WorkItem, run: RunRecord): BudgetedRun {
  return { id: run.id, item: id, project, startedAt: run.startedAt };
}

/**
 * Runs of a version whose records others closed: what they used nobody knows, unless their workers live
 * and say so. One that was frozen before it reserved anything can't start any more. (Those that their own
 * workers closed as cancelled or superseded are settled already.)
 */
export async function settleClosed(
  { budgets, items }: { readonly budgets: Budgets; readonly items: WorkItems },
  item: WorkItem,
  version: number,
): Promise<void> {
  const closed = (await items.runs(item.id)).filter(
    (run) => run.version === version && (run.ending === "superseded" || run.ending === "cancelled"),
  );
  await Promise.all(closed.map((run) => budgets.settle(budgeted(item, run), null)));
}
