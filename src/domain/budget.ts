/** A budget is kept in one unit; the price table turns tokens into USD. */
export type BudgetUnit = "usd" | "tokens";

export interface BudgetLimit {
  readonly unit: BudgetUnit;
  readonly amount: number;
}

/** Null: no limit. `perDay` is a UTC day. */
export interface Budget {
  readonly perItem: BudgetLimit | null;
  readonly perDay: BudgetLimit | null;
}

/** The whole fleet's, and by name those of projects that set their own. */
export interface FleetBudgets {
  readonly fleet: Budget;
  readonly projects: Readonly<Record<string, Budget>>;
}

/** A project's own day is counted over its items alone. */
export interface DayLimit extends BudgetLimit {
  readonly scope: "project" | "fleet";
}

/** What holds for the items of one project. */
export interface ItemLimits {
  readonly perItem: BudgetLimit | null;
  readonly perDay: readonly DayLimit[];
}

/** Both units, so that a budget may be given in either at any time. */
export interface Spending {
  readonly usd: number;
  readonly tokens: number;
}

/** What approvers added to one item's budget, by unit. */
export type GrantedBudget = Readonly<Partial<Record<BudgetUnit, number>>>;

export function limitsOf({ fleet, projects }: FleetBudgets, project: string): ItemLimits {
  const own = projects[project] ?? fleet;
  const perDay: DayLimit[] = [];
  // What a project leaves out is the fleet's very limit, which counts all projects together.
  if (own.perDay !== null && own.perDay !== fleet.perDay) {
    perDay.push({ ...own.perDay, scope: "project" });
  }
  if (fleet.perDay !== null) perDay.push({ ...fleet.perDay, scope: "fleet" });
  return { perItem: own.perItem, perDay };
}

/** A limit with what approvers added to it. */
export function raised(limit: BudgetLimit, granted: GrantedBudget = {}): BudgetLimit {
  return { ...limit, amount: limit.amount + (granted[limit.unit] ?? 0) };
}

/** Why a run may not start, with the figures people are told. */
export type BudgetRefusal =
  | {
      readonly limit: "perItem";
      readonly figures: BudgetFigures;
    }
  | {
      readonly limit: "perDay";
      readonly scope: DayLimit["scope"];
      /** The UTC day, as `2026-03-01`. */
      readonly day: string;
      readonly figures: BudgetFigures;
    }
  /** A budget in USD can't be kept without the model's price. */
  | { readonly limit: "price"; readonly model: string };

export interface BudgetFigures {
  readonly unit: BudgetUnit;
  readonly spent: number;
  /** Held by runs at work. */
  readonly reserved: number;
  /** What this run is expected to need. */
  readonly estimate: number;
  /** The limit with what was added to it. */
  readonly allowed: number;
}

/** The limit that holds an item's version back; told once, however often its job tries. */
export interface OverBudget {
  readonly version: number;
  readonly limit: BudgetRefusal["limit"];
  /** Null: not a day's. */
  readonly day: string | null;
  readonly scope: DayLimit["scope"] | null;
  /** Null: not a matter of amounts. */
  readonly unit: BudgetUnit | null;
}

/** The UTC day of an ISO 8601 time in UTC. */
export function dayOf(at: string): string {
  return at.slice(0, 10);
}

/** The midnight that ends a UTC day, in ms since epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + 86_400_000;
}

/** `$0.90`, `$0.0035`, `46,800 tokens`. */
export function amountText(unit: BudgetUnit, amount: number): string {
  if (unit === "tokens") return `${Math.round(amount).toLocaleString("en-US")} tokens`;
  const cents = Math.round(amount * 10_000) % 100 === 0;
  return `$${amount.toFixed(cents ? 2 : 4)}`;
}

/** `spent $0.90 of $1.00, this run is estimated at $0.30`. */
export function figuresText(figures: BudgetFigures): string {
  const say = (amount: number) => amountText(figures.unit, amount);
  const held = figures.reserved > 0 ? ` (and ${say(figures.reserved)} held by runs at work)` : "";
  return `spent ${say(figures.spent)}${held} of ${say(figures.allowed)}, this run is estimated at ${say(figures.estimate)}`;
}
