import type { Effect } from "./effect.js";
import type { Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

export type StoppedStatus = "failed" | "blocked" | "cancelled";

/** How an item stands still that goes on only if a person sees to it; null: it doesn't. */
export function stoppedAs({ status }: Pick<WorkItem, "status">): StoppedStatus | null {
  return status === "failed" || status === "blocked" || status === "cancelled" ? status : null;
}

/** With what is owed to the item's dependents, where it comes to a stop or goes on. */
export function withDependentsTold(before: WorkItem, transition: Transition): Transition {
  const { item, effects } = transition;
  if (stoppedAs(before) === stoppedAs(item)) return transition;
  // What made it stop has effects of its own, whose ids are no other's.
  const base = effects.at(-1)?.id ?? `${item.id}-v${item.version}-${item.status}`;
  const told: Effect = { id: `${base}-dependents`, kind: "tell-dependents" };
  return { ...transition, effects: [...effects, told] };
}
