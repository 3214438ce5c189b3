import type { PlannedItem, SlotPlan } from "../engine/plan.js";
import { GRANT_LEASE_MS, type SlotLimits } from "../engine/slots.js";
import type { RedisConnection } from "./connection.js";
import { slotKeys } from "./keys.js";
import { script } from "./script.js";
import { admissionKeys } from "./slot-store.js";

/** Tells what admission would do, by the part of its script that decides. */
export function createSlotPlan(
  redis: RedisConnection,
  prefix: string,
  limits: SlotLimits,
): SlotPlan {
  const keys = slotKeys(prefix);
  const plan = script(redis, "plan-slots");
  const limitsJson = JSON.stringify(limits);
  return {
    async next(now, limit) {
      const args = [now, GRANT_LEASE_MS, limitsJson, prefix, limit];
      const planned = (await plan(admissionKeys(keys), args)) as string[];
      return planned.map((entry) => JSON.parse(entry) as PlannedItem);
    },
  };
}
