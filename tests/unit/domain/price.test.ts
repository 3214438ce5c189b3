import { describe, expect, it } from "vitest";
import { costOf, estimateOf, priced, spendingOf } from "../../../src/domain/price.js";
import { EMPTY_REPORT, SILENT_REPORT } from "../../../src/domain/run.js";

const MODEL = { id: "m", provider: "p", usdPerMillionInput: 3, usdPerMillionOutput: 15 };
const USAGE = { inputTokens: 100_000, outputTokens: 10_000 };

describe("prices", () => {
  it("make a run's estimate of its issue's context", () => {
    expect(estimateOf(MODEL, 50_000)).toEqual({ usd: 0.15, tokens: 50_000 });
  });

  it("leave an estimate without USD where the model has none", () => {
    expect(estimateOf(null, 50_000)).toEqual({ usd: null, tokens: 50_000 });
    expect(costOf(null, USAGE)).toBeNull();
  });

  it("make the cost of a usage whose cost was not reported", () => {
    expect(priced({ usage: USAGE, costUsd: null }, MODEL).costUsd).toBeCloseTo(0.45, 9);
    expect(priced({ usage: USAGE, costUsd: null }, null).costUsd).toBeNull();
  });

  it("leave a reported cost as it is, nothing included", () => {
    expect(priced({ usage: USAGE, costUsd: 0.2 }, MODEL).costUsd).toBe(0.2);
    expect(priced({ usage: USAGE, costUsd: 0 }, MODEL).costUsd).toBe(0);
  });

  it("are cut where a report says what no run can have used", () => {
    const boundless = { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 1e300 };
    const most = { inputTokens: 1e12, outputTokens: 1e12 };
    expect(priced({ usage: USAGE, costUsd: 1e308 }, MODEL).costUsd).toBe(1_000_000);
    expect(priced({ usage: boundless, costUsd: null }, MODEL)).toEqual({
      usage: most,
      costUsd: 1_000_000,
    });
  });
});

describe("what a run used", () => {
  it("is what it reported, in both units", () => {
    expect(spendingOf({ usage: USAGE, costUsd: 0.2 })).toEqual({ usd: 0.2, tokens: 110_000 });
    expect(spendingOf({ usage: USAGE, costUsd: null })).toEqual({ usd: 0, tokens: 110_000 });
  });

  it("is nothing where no agent worked, and unknown where it said nothing", () => {
    expect(spendingOf(EMPTY_REPORT)).toEqual({ usd: 0, tokens: 0 });
    expect(spendingOf(SILENT_REPORT)).toBeNull();
    expect(spendingOf(priced(SILENT_REPORT, MODEL))).toBeNull();
  });
});
