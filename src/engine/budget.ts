import {
  type BudgetLimit,
  type BudgetRefusal,
  type GrantedBudget,
  type ItemLimits,
  raised,
  type Spending,
} from "../domain/budget.js";
import type { WorkItem } from "../domain/work-item.js";

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
   * runs hold. Null: granted, also when it was before. `granted` was added to the item's own limit.
   */
  reserve(
    run: BudgetedRun,
    estimate: Spending,
    granted: GrantedBudget,
  ): Promise<BudgetRefusal | null>;
  /**
   * Puts what a run used in the place of what it held. `used` null: nobody knows, so its estimate
   * counts, until the run's own word comes. Again: changes nothing.
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
