import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBudgetStore } from "../../src/redis/budget-store.js";
import { budgetKeys } from "../../src/redis/keys.js";
import { memoryBudgets } from "../support/memory-budgets.js";
import { uniquePrefix } from "../support/redis.js";
import { openTestRedis } from "../support/work.js";
import { budgetsContract } from "./budgets.js";

type Server = Awaited<ReturnType<typeof openTestRedis>>;
let one: Server;
let other: Server;
beforeAll(async () => {
  one = await openTestRedis();
  other = await openTestRedis();
});
afterAll(async () => {
  await other.close();
  await one.close();
});

budgetsContract("memory", async (budgets) => {
  const kept = memoryBudgets(budgets);
  return [kept, kept];
});

budgetsContract("Redis", async (budgets) => {
  const prefix = uniquePrefix();
  return [
    createBudgetStore(one.redis, prefix, budgets),
    createBudgetStore(other.redis, prefix, budgets),
  ];
});

describe("the ledgers in Redis", () => {
  const unlimited = { fleet: { perItem: null, perDay: null }, projects: {} };
  const run = (id: string, startedAt: string) => ({
    id,
    item: "ET-001",
    project: "rocket",
    startedAt,
  });

  it("lets a day's ledger run out after some days, and keeps the item's", async () => {
    const prefix = uniquePrefix();
    const store = createBudgetStore(one.redis, prefix, unlimited);
    const keys = budgetKeys(prefix);
    await store.settle(run("ET-001-v1-a1", "2026-03-01T12:00:00.000Z"), { usd: 1, tokens: 1 });
    const left = await one.redis.ttl(keys.day("2026-03-01"));
    expect(left).toBeGreaterThan(2 * 86_400);
    expect(left).toBeLessThanOrEqual(8 * 86_400);
    expect(await one.redis.ttl(keys.item("ET-001"))).toBe(-1);
  });

  it("counts as spent what a run has held for days and nobody settled", async () => {
    const prefix = uniquePrefix();
    const store = createBudgetStore(one.redis, prefix, unlimited);
    await store.reserve(run("ET-001-v1-a1", "2026-03-01T12:00:00.000Z"), { usd: 1, tokens: 7 }, {});
    await store.reserve(run("ET-001-v1-a2", "2026-03-09T12:00:00.000Z"), { usd: 2, tokens: 8 }, {});
    expect(await one.redis.hkeys(budgetKeys(prefix).open)).toEqual(["ET-001-v1-a2"]);
    expect(await store.spentBy("ET-001")).toEqual({ usd: 1, tokens: 7 });
  });
});
