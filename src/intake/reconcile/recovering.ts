import type { Recovery } from "../../domain/recovery.js";
import { historyEntry, type Transition } from "../../domain/transition.js";
import type { WorkItem } from "../../domain/work-item.js";
import type { WorkItems } from "../../engine/work-items.js";
import type { IntakeDeps } from "../deps.js";

/**
 * Whatever changes from here on does so because the reconciler found it: the history of each item
 * says so, and it is counted once, with the first change. What changes nothing leaves no trace.
 */
export function recovering(deps: IntakeDeps, recovery: Recovery): IntakeDeps {
  let counted = false;
  const written = (transition: Transition) => {
    counted ||= transition.recovered !== undefined;
    const { id } = transition.item;
    deps.log.info({ item: id, kind: recovery.kind }, `recovered: ${recovery.reason}`);
  };
  const items: WorkItems = {
    ...deps.items,
    async create(transition, task) {
      const marked = markedAs(transition, recovery, counted);
      const created = await deps.items.create(marked, task);
      if (created) written(marked);
      return created;
    },
    async transition(id, change, seen) {
      const marked = (item: WorkItem) => {
        const transition = change(item);
        if (transition === null || saysNothing(transition)) return transition;
        return markedAs(transition, recovery, counted);
      };
      const result = await deps.items.transition(id, marked, seen);
      if (result !== null && !saysNothing(result)) written(result);
      return result;
    },
  };
  return { ...deps, items };
}

/** Only what is known of the issue was brought up to date. */
function saysNothing({ history, effects }: Transition): boolean {
  return history.length === 0 && effects.length === 0;
}

export function markedAs(
  transition: Transition,
  { kind, reason }: Recovery,
  counted = false,
): Transition {
  const cause = { id: "reconciler", text: "reconciler", at: transition.item.updatedAt };
  const entry = historyEntry(cause, "recovered", { reason });
  return {
    ...transition,
    history: [...transition.history, entry],
    ...(counted ? {} : { recovered: kind }),
  };
}
