import type { FlowPlan, Flows, Notifications } from "../../src/engine/flows.js";

/** A queue that keeps every job it was ever given, so that any can come again, at any time. */
export interface RecordedFlows {
  readonly flows: Flows;
  readonly notifications: Notifications;
  /** Plans of an item in the order they were first added. */
  plansOf(item: string): readonly FlowPlan[];
}

export function recordFlows(): RecordedFlows {
  const plans = new Map<string, Map<string, FlowPlan>>();
  return {
    flows: {
      async add(plan) {
        const known = plans.get(plan.item) ?? new Map<string, FlowPlan>();
        plans.set(plan.item, known);
        const id = `${plan.version} ${plan.evaluation}`;
        if (!known.has(id)) known.set(id, plan);
        return false;
      },
      promote: async () => true,
      wakeAt: async () => undefined,
      slotJob: (item, version) => ({ queue: "slots", id: `${item}-${version}` }),
      edgeJob: (item, version) => ({ queue: "dependencies", id: `${item}-${version}` }),
      runJob: (item, version) => ({ queue: "runs", id: `${item}-${version}` }),
      discard: async () => undefined,
    },
    notifications: { add: async () => undefined },
    plansOf: (item) => [...(plans.get(item)?.values() ?? [])],
  };
}
