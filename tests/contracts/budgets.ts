import { describe, expect, it } from "vitest";
import type { Budget, BudgetRefusal, FleetBudgets, Spending } from "../../src/domain/budget.js";
import type { BudgetedRun, Budgets } from "../../src/engine/budget.js";

const NOON = "2026-03-01T12:00:00.000Z";
const NEXT_DAY = "2026-03-02T00:00:00.000Z";
const NONE: Budget = { perItem: null, perDay: null };

const usd = (amount: number) => ({ unit: "usd", amount }) as const;
const tokens = (amount: number) => ({ unit: "tokens", amount }) as const;
const dollars = (amount: number): Spending => ({ usd: amount, tokens: 0 });

function fleetOf(fleet: Partial<Budget>, projects: Record<string, Partial<Budget>> = {}) {
  const own = { ...NONE, ...fleet };
  const of = Object.entries(projects).map(([name, budget]) => [name, { ...own, ...budget }]);
  return { fleet: own, projects: Object.fromEntries(of) } as FleetBudgets;
}

function run(item: string, attempt: number, change: Partial<BudgetedRun> = {}): BudgetedRun {
  return { id: `${item}-v1-a${attempt}`, item, project: "rocket", startedAt: NOON, ...change };
}

/** `open` gives ledgers in which nothing was spent, as two processes see them. */
export function budgetsContract(
  name: string,
  open: (budgets: FleetBudgets) => Promise<readonly [Budgets, Budgets]>,
): void {
  const openOne = async (fleet: Partial<Budget>, projects: Record<string, Partial<Budget>> = {}) =>
    (await open(fleetOf(fleet, projects)))[0];
  const ask = (budgets: Budgets, asking: BudgetedRun, amount: number) =>
    budgets.reserve(asking, dollars(amount), {});
  const spend = async (budgets: Budgets, spending: BudgetedRun, amount: number) => {
    expect(await ask(budgets, spending, amount)).toBeNull();
    await budgets.settle(spending, dollars(amount));
  };

  describe(`${name} budgets`, () => {
    it("grant everything where nothing limits, and still keep count", async () => {
      const budgets = await openOne({});
      await spend(budgets, run("ET-001", 1), 1_000);
      expect(await budgets.spentBy("ET-001")).toEqual({ usd: 1_000, tokens: 0 });
      expect(await budgets.spentBy("ET-002")).toEqual({ usd: 0, tokens: 0 });
    });

    it("refuse the run whose estimate would pass the item's limit, with the figures", async () => {
      const budgets = await openOne({ perItem: usd(1) });
      for (const attempt of [1, 2, 3]) await spend(budgets, run("ET-001", attempt), 0.3);
      expect(await ask(budgets, run("ET-001", 4), 0.3)).toEqual({
        limit: "perItem",
        figures: { unit: "usd", spent: 0.9, reserved: 0, estimate: 0.3, allowed: 1 },
      } satisfies BudgetRefusal);
    });

    it("grant what exactly reaches the limit, whatever fractions add up to", async () => {
      const budgets = await openOne({ perItem: usd(0.3) });
      for (const attempt of [1, 2, 3]) await spend(budgets, run("ET-001", attempt), 0.1);
      expect(await ask(budgets, run("ET-001", 4), 0.000_001)).not.toBeNull();
    });

    it("count an item's spending over all days", async () => {
      const budgets = await openOne({ perItem: usd(1) });
      await spend(budgets, run("ET-001", 1), 0.8);
      const later = run("ET-001", 2, { startedAt: "2026-06-01T00:00:00.000Z" });
      expect(await ask(budgets, later, 0.3)).not.toBeNull();
      expect(await ask(budgets, run("ET-002", 1), 0.3)).toBeNull();
    });

    it("let an item go on by what was granted beyond its limit", async () => {
      const budgets = await openOne({ perItem: usd(1) });
      await spend(budgets, run("ET-001", 1), 0.9);
      const next = run("ET-001", 2);
      expect(await budgets.reserve(next, dollars(0.3), { tokens: 9 })).not.toBeNull();
      expect(await budgets.reserve(next, dollars(0.3), { usd: 0.2 })).toBeNull();
    });

    it("never let four items at once share the last dollar", async () => {
      const processes = await open(fleetOf({ perDay: usd(1) }));
      const answers = await Promise.all(
        [1, 2, 3, 4].map((number) =>
          ask(processes[number % 2] as Budgets, run(`ET-00${number}`, 1), 0.4),
        ),
      );
      expect(answers.filter((answer) => answer === null)).toHaveLength(2);
      expect(answers.find((answer) => answer !== null)).toEqual({
        limit: "perDay",
        scope: "fleet",
        day: "2026-03-01",
        figures: { unit: "usd", spent: 0, reserved: 0.8, estimate: 0.4, allowed: 1 },
      } satisfies BudgetRefusal);
    });

    it("give back what a run held and didn't use", async () => {
      const budgets = await openOne({ perDay: usd(1) });
      expect(await ask(budgets, run("ET-001", 1), 0.9)).toBeNull();
      expect(await ask(budgets, run("ET-002", 1), 0.2)).not.toBeNull();
      await budgets.settle(run("ET-001", 1), dollars(0.1));
      expect(await ask(budgets, run("ET-002", 1), 0.9)).toBeNull();
    });

    it("begin a new day at midnight UTC, whatever the last one's runs still hold", async () => {
      const budgets = await openOne({ perDay: usd(1) });
      expect(await ask(budgets, run("ET-001", 1), 0.9)).toBeNull();
      const tomorrow = run("ET-002", 1, { startedAt: NEXT_DAY });
      expect(await ask(budgets, tomorrow, 0.9)).toBeNull();
      await budgets.settle(run("ET-001", 1), dollars(5));
      await budgets.settle(tomorrow, dollars(0.1));
      const another = run("ET-003", 1, { startedAt: NEXT_DAY });
      expect(await ask(budgets, another, 0.9)).toBeNull();
    });

    it("keep a project's own day beside the fleet's", async () => {
      const budgets = await openOne({ perDay: usd(2) }, { rocket: { perDay: usd(1) } });
      const other = (item: string) => run(item, 1, { project: "lander" });
      await spend(budgets, other("LN-001"), 0.7);
      await spend(budgets, run("ET-001", 1), 0.8);
      expect(await ask(budgets, run("ET-002", 1), 0.4)).toMatchObject({
        scope: "project",
        figures: { spent: 0.8, allowed: 1 },
      });
      expect(await ask(budgets, other("LN-002"), 0.6)).toMatchObject({
        scope: "fleet",
        figures: { spent: 1.5, allowed: 2 },
      });
      expect(await ask(budgets, other("LN-002"), 0.5)).toBeNull();
    });

    it("count a project that sets no day of its own with the fleet alone", async () => {
      const budgets = await openOne({ perDay: usd(1) }, { rocket: { perItem: usd(5) } });
      expect(budgets.limitsOf("rocket").perDay).toEqual([{ ...usd(1), scope: "fleet" }]);
      expect(budgets.limitsOf("rocket").perItem).toEqual(usd(5));
    });

    it("raise one day by what was added to it, once for each cause", async () => {
      const budgets = await openOne({ perDay: usd(1) });
      await spend(budgets, run("ET-001", 1), 0.9);
      const raise = { id: "c812", day: "2026-03-01", project: null, granted: { usd: 0.2 } };
      await budgets.raiseDay(raise);
      await budgets.raiseDay(raise);
      expect(await ask(budgets, run("ET-002", 1), 0.4)).toMatchObject({
        figures: { allowed: 1.2 },
      });
      expect(await ask(budgets, run("ET-002", 1), 0.3)).toBeNull();
      const tomorrow = run("ET-003", 1, { startedAt: NEXT_DAY });
      expect(await ask(budgets, tomorrow, 1.1)).not.toBeNull();
    });

    it("raise a project's own day without the fleet's", async () => {
      const budgets = await openOne({ perDay: usd(2) }, { rocket: { perDay: usd(1) } });
      await budgets.raiseDay({
        id: "c1",
        day: "2026-03-01",
        project: "rocket",
        granted: { usd: 5 },
      });
      expect(await ask(budgets, run("ET-001", 1), 2)).toBeNull();
      expect(await ask(budgets, run("ET-002", 1), 0.1)).toMatchObject({ scope: "fleet" });
    });

    it("count tokens where the limit is in tokens", async () => {
      const budgets = await openOne({ perItem: tokens(100_000) });
      const first = run("ET-001", 1);
      expect(await budgets.reserve(first, { usd: 9, tokens: 50_000 }, {})).toBeNull();
      await budgets.settle(first, { usd: 99, tokens: 60_000 });
      const refusal = await budgets.reserve(run("ET-001", 2), { usd: 9, tokens: 50_000 }, {});
      expect(refusal).toMatchObject({ figures: { unit: "tokens", spent: 60_000 } });
    });

    it("reserve a run once, however often it asks", async () => {
      const budgets = await openOne({ perItem: usd(1) });
      for (let times = 0; times < 5; times += 1) {
        expect(await ask(budgets, run("ET-001", 1), 0.5)).toBeNull();
      }
      expect(await ask(budgets, run("ET-001", 2), 0.5)).toBeNull();
    });

    it("settle a run once, however often it says so", async () => {
      const budgets = await openOne({});
      expect(await ask(budgets, run("ET-001", 1), 0.5)).toBeNull();
      await Promise.all([1, 2, 3].map(() => budgets.settle(run("ET-001", 1), dollars(0.7))));
      await budgets.settle(run("ET-001", 1), null);
      expect((await budgets.spentBy("ET-001")).usd).toBe(0.7);
    });

    it("count the estimate of a run nobody knows of, until its own word comes", async () => {
      const budgets = await openOne({ perDay: usd(1) });
      const lost = run("ET-001", 1);
      expect(await ask(budgets, lost, 0.5)).toBeNull();
      await budgets.settle(lost, null);
      await budgets.settle(lost, null);
      expect((await budgets.spentBy("ET-001")).usd).toBe(0.5);
      await budgets.settle(lost, dollars(0.9));
      await budgets.settle(lost, dollars(0.2));
      expect((await budgets.spentBy("ET-001")).usd).toBe(0.9);
      expect(await ask(budgets, run("ET-002", 1), 0.2)).toMatchObject({ figures: { spent: 0.9 } });
    });

    it("count a run that never held anything by its own word alone, and let it hold nothing any more", async () => {
      const budgets = await openOne({});
      await budgets.settle(run("ET-001", 1), null);
      expect((await budgets.spentBy("ET-001")).usd).toBe(0);
      expect(await ask(budgets, run("ET-001", 1), 0.5)).toBe("settled");
      await budgets.settle(run("ET-001", 1), dollars(0.4));
      expect((await budgets.spentBy("ET-001")).usd).toBe(0.4);
    });
  });
}
