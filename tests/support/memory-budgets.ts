import {
  type BudgetRefusal,
  dayOf,
  type FleetBudgets,
  limitsOf,
  raised,
  type Spending,
} from "../../src/domain/budget.js";
import type { BudgetedRun, Budgets, DayRaise } from "../../src/engine/budget.js";

interface Entry {
  readonly run: BudgetedRun;
  readonly amount: Spending;
  readonly state: "held" | "assumed" | "used";
}

const NOTHING: Spending = { usd: 0, tokens: 0 };
const UNLIMITED: FleetBudgets = { fleet: { perItem: null, perDay: null }, projects: {} };

/** Budgets kept as a list of runs, summed up anew at every question. */
export function memoryBudgets(budgets: FleetBudgets = UNLIMITED): Budgets {
  const entries = new Map<string, Entry>();
  const raises = new Map<string, DayRaise>();

  function refusal(
    run: BudgetedRun,
    estimate: Spending,
    limit: ReturnType<typeof limitsOf>["perDay"][number] | null,
    item: { unit: "usd" | "tokens"; amount: number } | null,
  ): BudgetRefusal | null {
    const checked = limit ?? item;
    if (checked === null) return null;
    const { unit } = checked;
    const day = dayOf(run.startedAt);
    const counts = (other: BudgetedRun) =>
      limit === null
        ? other.item === run.item
        : dayOf(other.startedAt) === day &&
          (limit.scope === "fleet" || other.project === run.project);
    const sum = (fits: (entry: Entry) => boolean) =>
      [...entries.values()]
        .filter((entry) => counts(entry.run) && fits(entry))
        .reduce((total, { amount }) => exact(total + amount[unit]), 0);
    const added = [...raises.values()]
      .filter((raise) => limit !== null && raise.day === day)
      .filter(({ project }) => (limit?.scope === "fleet" ? null : run.project) === project)
      .reduce((total, { granted }) => total + (granted[unit] ?? 0), 0);
    const figures = {
      unit,
      spent: sum(({ state }) => state !== "held"),
      reserved: sum(({ state }) => state === "held"),
      estimate: estimate[unit],
      allowed: exact(checked.amount + added),
    };
    if (exact(figures.spent + figures.reserved + figures.estimate) <= figures.allowed) return null;
    return limit === null
      ? { limit: "perItem", figures }
      : { limit: "perDay", scope: limit.scope, day, figures };
  }

  return {
    limitsOf: (project) => limitsOf(budgets, project),
    async reserve(run, estimate, granted) {
      const before = entries.get(run.id);
      if (before !== undefined) return before.state === "held" ? null : "settled";
      const { perItem, perDay } = limitsOf(budgets, run.project);
      const refused =
        refusal(run, estimate, null, perItem && raised(perItem, granted)) ??
        perDay.map((limit) => refusal(run, estimate, limit, null)).find((found) => found !== null);
      if (refused != null) return refused;
      entries.set(run.id, { run, amount: estimate, state: "held" });
      return null;
    },
    async settle(run, used) {
      const before = entries.get(run.id);
      if (before?.state === "used") return;
      if (used !== null) entries.set(run.id, { run, amount: used, state: "used" });
      else entries.set(run.id, { run, amount: before?.amount ?? NOTHING, state: "assumed" });
    },
    async raiseDay(raise) {
      if (!raises.has(raise.id)) raises.set(raise.id, raise);
    },
    async spentBy(item) {
      const own = [...entries.values()].filter(
        ({ run, state }) => run.item === item && state !== "held",
      );
      return {
        usd: own.reduce((total, { amount }) => exact(total + amount.usd), 0),
        tokens: own.reduce((total, { amount }) => total + amount.tokens, 0),
      };
    },
  };
}

/** To a millionth, as the ledger counts. */
function exact(amount: number): number {
  return Math.round(amount * 1_000_000) / 1_000_000;
}
