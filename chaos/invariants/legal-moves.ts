import { movedWrongly } from "../../tests/support/audit.js";
import type { Invariant } from "./invariant.js";

export const legalMoves: Invariant = {
  name: "stages were changed along legal edges, each once (I1, I2, I9)",
  broken: ({ items, pipeline }) =>
    items.flatMap((records) =>
      movedWrongly(records, pipeline).map((what) => `${records.item.id}: ${what}`),
    ),
};
