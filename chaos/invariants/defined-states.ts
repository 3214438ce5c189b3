import { undefinedState } from "../../tests/support/audit.js";
import type { Invariant } from "./invariant.js";

export const definedStates: Invariant = {
  name: "every item is in a defined state (I2, I9)",
  broken: ({ items }) =>
    items.flatMap((records) =>
      undefinedState(records).map((what) => `${records.item.id}: ${what}`),
    ),
};
