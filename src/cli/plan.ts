import { makePlan } from "../engine/plan.js";
import { lookCommand } from "./look-command.js";
import { planJson, planText } from "./plan-text.js";

export interface PlanOptions {
  readonly limit: number;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach plan`: what would start next, told by what starts it, and what holds the others. */
export function plan({ config, limit, json = false }: PlanOptions): Promise<never> {
  return lookCommand("plan", config, async ({ items, slots }) => {
    const made = await makePlan({ items, slots, now: Date.now() }, limit);
    return json ? planJson(made) : planText(made);
  });
}
