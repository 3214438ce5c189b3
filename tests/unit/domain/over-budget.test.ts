import { describe, expect, it } from "vitest";
import type { BudgetRefusal, ItemLimits } from "../../../src/domain/budget.js";
import { budgetRaised } from "../../../src/domain/budget-raise.js";
import { heldBack } from "../../../src/domain/over-budget.js";
import { runStarted } from "../../../src/domain/run-life.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem } from "../../support/memory-work-items.js";
import { ALICE, CAP, CAUSE, commentOf, effectsOf, kinds, rules } from "./situation.js";

const FIGURES = { unit: "usd", spent: 0.9, reserved: 0, estimate: 0.3, allowed: 1 } as const;
const PER_ITEM: BudgetRefusal = { limit: "perItem", figures: FIGURES };
const PER_DAY: BudgetRefusal = {
  limit: "perDay",
  scope: "fleet",
  day: "2026-03-02",
  figures: { ...FIGURES, reserved: 0.2 },
};
const ITEM_LIMIT: ItemLimits = { perItem: { unit: "usd", amount: 1 }, perDay: [] };
const DAY_LIMIT: ItemLimits = {
  perItem: null,
  perDay: [{ unit: "usd", amount: 1, scope: "fleet" }],
};

function held(refusal: BudgetRefusal, from: WorkItem = sampleItem(1, { run: null })) {
  const { item } = runStarted(from, "developer", "sonnet", CAUSE);
  const transition = heldBack(item, item.run?.id ?? "", refusal, CAUSE, CAP);
  if (transition === null) throw new Error("the run was not the item's own");
  return transition;
}

const raise = (item: WorkItem, limits: ItemLimits, add = 5) =>
  budgetRaised(item, ALICE, add, limits, rules(), CAUSE);

describe("a run that the budget doesn't allow", () => {
  it("ends over budget, spends no developer run, and gives its slot back", () => {
    const transition = held(PER_ITEM);
    expect(transition.item).toMatchObject({ status: "paused", developerRuns: 1, version: 3 });
    expect(transition.item.run).toMatchObject({ ending: "over_budget", costUsd: 0 });
    expect(kinds(transition)).toEqual([
      "release-slot",
      "status-comment",
      "comment",
      "notification",
    ]);
    expect(new Set(transition.effects.map(({ id }) => id)).size).toBe(transition.effects.length);
  });

  it("tells the figures and what goes on", () => {
    const words = "spent $0.90 of $1.00, this run is estimated at $0.30";
    expect(held(PER_ITEM).item.reason).toContain(words);
    expect(commentOf(held(PER_ITEM))).toContain(words);
    expect(commentOf(held(PER_ITEM))).toContain("`/budget +5` goes on");
  });

  it("tells what other runs hold, and when the day ends", () => {
    const text = commentOf(held(PER_DAY));
    expect(text).toContain("spent $0.90 (and $0.20 held by runs at work) of $1.00");
    expect(text).toContain("by itself at 2026-03-03T00:00:00.000Z");
  });

  it("suggests as much as lets the run start", () => {
    const figures = { ...FIGURES, spent: 12, estimate: 0.3 };
    expect(commentOf(held({ limit: "perItem", figures }))).toContain("`/budget +15`");
    const tokens = { unit: "tokens", spent: 950_000, reserved: 0, estimate: 50_001 } as const;
    const inTokens: BudgetRefusal = {
      limit: "perItem",
      figures: { ...tokens, allowed: 1_000_000 },
    };
    expect(commentOf(held(inTokens))).toContain("`/budget +100000`");
  });

  it("says that a model without a price keeps no budget in USD", () => {
    const transition = held({ limit: "price", model: "own" });
    expect(transition.item.reason).toBe(
      "The model own has no price, so no budget in USD can be kept.",
    );
    expect(commentOf(transition)).toContain("`/retry`");
  });

  it("is told once for each version, limit and day", () => {
    const again = (refusal: BudgetRefusal, change: Partial<WorkItem> = {}) =>
      kinds(held(refusal, { ...held(PER_DAY).item, ...change })).includes("comment");
    expect(again(PER_DAY)).toBe(false);
    expect(again({ ...PER_DAY, day: "2026-03-03" })).toBe(true);
    expect(again(PER_ITEM)).toBe(true);
    expect(again(PER_DAY, { version: 4 })).toBe(true);
  });

  it("changes nothing of an item that moved on (I5)", () => {
    expect(heldBack(sampleItem(1, { run: null }), "ET-001-v3-a1", PER_ITEM, CAUSE, CAP)).toBeNull();
  });
});

describe("/budget", () => {
  it("goes on in a new version with more for the item, for the cause the run had", () => {
    const cause = {
      kind: "gate-failed",
      reason: "Tests fail.",
      artifact: null,
      detail: "1 red",
    } as const;
    const transition = raise(held(PER_ITEM, sampleItem(1, { run: null, cause })).item, ITEM_LIMIT);
    expect(transition.item).toMatchObject({
      version: 4,
      status: "waiting",
      expectsRun: true,
      cause,
      grantedBudget: { usd: 5 },
    });
    expect(kinds(transition)).toContain("flow");
    expect(effectsOf(transition, "discard-flow")).toMatchObject([{ version: 3 }]);
    expect(effectsOf(transition, "reaction")).toMatchObject([
      { otherwise: "alice added $5.00 to the budget. ET-001 may spend $6.00 in all." },
    ]);
    expect(kinds(transition)).not.toContain("raise-day-budget");
  });

  it("adds up, by unit", () => {
    const once = raise(held(PER_ITEM).item, ITEM_LIMIT).item;
    const twice = raise(held(PER_ITEM, once).item, ITEM_LIMIT, 2.5).item;
    expect(twice.grantedBudget).toEqual({ usd: 7.5 });
    const tokens: ItemLimits = { perItem: { unit: "tokens", amount: 9 }, perDay: [] };
    expect(raise(twice, tokens, 1_000).item.grantedBudget).toEqual({ usd: 7.5, tokens: 1_000 });
  });

  it("raises the day that holds the item before it goes on", () => {
    const both = { ...ITEM_LIMIT, perDay: DAY_LIMIT.perDay };
    const transition = raise(held(PER_DAY).item, both);
    expect(effectsOf(transition, "raise-day-budget")).toMatchObject([
      { day: "2026-03-02", project: null, granted: { usd: 5 } },
    ]);
    expect(kinds(transition).indexOf("raise-day-budget")).toBeLessThan(
      kinds(transition).indexOf("flow"),
    );
    expect(transition.item.grantedBudget).toEqual({ usd: 5 });
  });

  it("raises a project's own day as that project's", () => {
    const own: BudgetRefusal = { ...PER_DAY, scope: "project" };
    const transition = raise(held(own).item, DAY_LIMIT);
    expect(effectsOf(transition, "raise-day-budget")).toMatchObject([{ project: "rocket" }]);
    expect(transition.item.grantedBudget).toBeUndefined();
  });

  it("adds to an item that isn't held, which stays as it is", () => {
    const transition = raise(sampleItem(1), ITEM_LIMIT);
    expect(transition.item).toMatchObject({
      version: 3,
      status: "running",
      grantedBudget: { usd: 5 },
    });
    expect(commentOf(transition)).toContain("ET-001 may spend $6.00 in all");
    expect(transition.history).toMatchObject([{ kind: "command" }]);
  });

  it("doesn't take an earlier hold for one of now", () => {
    const limited = { ...held(PER_DAY).item, run: null };
    expect(kinds(raise(limited, ITEM_LIMIT))).toEqual(["reaction", "comment"]);
  });

  it("says so where no budget, or only the day's, limits the item", () => {
    const unlimited: ItemLimits = { perItem: null, perDay: [] };
    expect(commentOf(raise(sampleItem(1), unlimited))).toContain("No budget limits ET-001");
    expect(commentOf(raise(sampleItem(1), DAY_LIMIT))).toContain("does not hold it now");
  });

  it("changes nothing of an item that ended (I9)", () => {
    const ended = sampleItem(1, { status: "done" });
    expect(raise(ended, ITEM_LIMIT).item.grantedBudget).toBeUndefined();
  });
});
