import type { Transition } from "../../domain/transition.js";
import type { WorkItems } from "../../engine/work-items.js";

/** Hears every transition that this process wrote, after it was written. */
export type Observer = (transition: Transition) => void;

export function observed(items: WorkItems, observe: Observer): WorkItems {
  return {
    ...items,
    async create(transition, task) {
      const created = await items.create(transition, task);
      if (created) observe(transition);
      return created;
    },
    async transition(id, change, seen) {
      const written = await items.transition(id, change, seen);
      if (written !== null) observe(written);
      return written;
    },
  };
}
