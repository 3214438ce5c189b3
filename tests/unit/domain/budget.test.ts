import { describe, expect, it } from "vitest";
import { amountText, dayOf, endOfDay, limitsOf, raised } from "../../../src/domain/budget.js";

describe("budgets", () => {
  const day = { unit: "usd", amount: 100 } as const;
  const fleet = { perItem: { unit: "usd", amount: 10 } as const, perDay: day };

  it("are the fleet's where a project sets none", () => {
    expect(limitsOf({ fleet, projects: {} }, "rocket")).toEqual({
      perItem: fleet.perItem,
      perDay: [{ ...day, scope: "fleet" }],
    });
  });

  it("count a project's own day beside the fleet's, an equal one too", () => {
    const own = { perItem: null, perDay: { ...day } };
    expect(limitsOf({ fleet, projects: { rocket: own } }, "rocket").perDay).toEqual([
      { ...day, scope: "project" },
      { ...day, scope: "fleet" },
    ]);
    const inherited = { perItem: null, perDay: day };
    expect(limitsOf({ fleet, projects: { rocket: inherited } }, "rocket").perDay).toHaveLength(1);
  });

  it("are raised by what was granted in their own unit", () => {
    expect(raised(day, { usd: 5, tokens: 9 }).amount).toBe(105);
    expect(raised(day).amount).toBe(100);
  });

  it("speak of small and large amounts", () => {
    expect(amountText("usd", 1.5)).toBe("$1.50");
    expect(amountText("usd", 0.0035)).toBe("$0.0035");
    expect(amountText("usd", 0.1 + 0.2)).toBe("$0.30");
    expect(amountText("tokens", 46_800)).toBe("46,800 tokens");
  });

  it("end a day at midnight UTC", () => {
    expect(dayOf("2026-12-31T23:59:59.999Z")).toBe("2026-12-31");
    expect(new Date(endOfDay("2026-12-31")).toISOString()).toBe("2027-01-01T00:00:00.000Z");
  });
});
