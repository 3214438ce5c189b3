import {
  type BudgetFigures,
  type BudgetLimit,
  type BudgetRefusal,
  type BudgetUnit,
  type DayLimit,
  dayOf,
  type FleetBudgets,
  type GrantedBudget,
  limitsOf,
  raised,
  type Spending,
} from "../domain/budget.js";
import type { Budgets } from "../engine/budget.js";
import type { RedisConnection } from "./connection.js";
import { budgetKeys } from "./keys.js";
import { script } from "./script.js";

/** A day's ledger outlives the day by far more than a run lasts. */
const DAY_KEPT_S = 8 * 86_400;
/** What a run has held since before that is of a worker that died. */
const LOST_AFTER_MS = 2 * 86_400_000;
/** The ledger counts in whole numbers: sums of fractions of a dollar drift. */
const MILLIONTHS = 1_000_000;

/** What the script needs of a limit: whose ledger it looks at. */
type Checked =
  | (BudgetLimit & { readonly of: "item" })
  | (BudgetLimit & { readonly of: DayLimit["scope"] });

interface Refused {
  /** From 1. */
  readonly limit: number;
  readonly spent: number;
  readonly reserved: number;
  readonly allowed: number;
}

/** Ledgers in Redis; every decision is one Lua script. */
export function createBudgetStore(
  redis: RedisConnection,
  prefix: string,
  budgets: FleetBudgets,
): Budgets {
  const keys = budgetKeys(prefix);
  const reserveBudget = script(redis, "reserve-budget");
  const settleBudget = script(redis, "settle-budget");
  const raiseDayBudget = script(redis, "raise-day-budget");
  return {
    limitsOf: (project) => limitsOf(budgets, project),
    async reserve(run, estimate, granted) {
      const day = dayOf(run.startedAt);
      const limits = checkedLimits(budgets, run.project, granted);
      const held = { item: run.item, project: run.project, day, ...whole(estimate) };
      const answer = await reserveBudget(
        [keys.item(run.item), keys.day(day), keys.open],
        [
          run.id,
          JSON.stringify(held),
          JSON.stringify(limits.map((limit) => ({ ...limit, amount: toWhole(limit) }))),
          dayOf(new Date(Date.parse(run.startedAt) - LOST_AFTER_MS).toISOString()),
          keys.item(""),
        ],
      );
      if (answer === null || answer === "settled") return answer;
      return refusalOf(JSON.parse(String(answer)) as Refused, limits, day, estimate);
    },
    async settle(run, used) {
      const { usd, tokens } = whole(used ?? { usd: 0, tokens: 0 });
      await settleBudget(
        [keys.item(run.item), keys.day(dayOf(run.startedAt)), keys.open],
        [run.id, run.project, usd, tokens, used === null ? "0" : "1", DAY_KEPT_S],
      );
    },
    async raiseDay({ id, day, project, granted }) {
      const { usd, tokens } = whole({ usd: granted.usd ?? 0, tokens: granted.tokens ?? 0 });
      const account = project === null ? "fleet:" : `project:${project}:`;
      await raiseDayBudget([keys.day(day)], [id, account, usd, tokens, DAY_KEPT_S]);
    },
    async spentBy(item) {
      const [usd, tokens] = await redis.hmget(keys.item(item), "spent:usd", "spent:tokens");
      return { usd: Number(usd ?? 0) / MILLIONTHS, tokens: Number(tokens ?? 0) };
    },
  };
}

function checkedLimits(
  budgets: FleetBudgets,
  project: string,
  granted: GrantedBudget,
): readonly Checked[] {
  const { perItem, perDay } = limitsOf(budgets, project);
  const days = perDay.map(({ scope, unit, amount }) => ({ of: scope, unit, amount }));
  return perItem === null ? days : [{ of: "item", ...raised(perItem, granted) }, ...days];
}

function refusalOf(
  { limit: place, ...found }: Refused,
  limits: readonly Checked[],
  day: string,
  estimate: Spending,
): BudgetRefusal {
  const limit = limits[place - 1];
  if (limit === undefined) throw new Error(`reserve-budget.lua refused by limit ${place}`);
  const { unit } = limit;
  const figures: BudgetFigures = {
    unit,
    spent: fromWhole(unit, found.spent),
    reserved: fromWhole(unit, found.reserved),
    estimate: estimate[unit],
    allowed: fromWhole(unit, found.allowed),
  };
  return limit.of === "item"
    ? { limit: "perItem", figures }
    : { limit: "perDay", scope: limit.of, day, figures };
}

function whole({ usd, tokens }: Spending): Spending {
  return { usd: Math.round(usd * MILLIONTHS), tokens: Math.round(tokens) };
}

function toWhole({ unit, amount }: BudgetLimit): number {
  return Math.round(unit === "usd" ? amount * MILLIONTHS : amount);
}

function fromWhole(unit: BudgetUnit, amount: number): number {
  return unit === "usd" ? amount / MILLIONTHS : amount;
}
