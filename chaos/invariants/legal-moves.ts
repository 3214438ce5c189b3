import { movedWrongly } from "../../tests/support/audit.js";
import type { Invariant } from "./invariant.js";

export const legalMoves: Invariant = {
  name: "stages were changed along legal edges, each once (I1, I2, I9)",
  broken: ({ items, pipelines }) =>
    items.flatMap((records) => {
      const { id, pipeline } = records.item;
      const known = pipelines[pipeline];
      if (known === undefined) return [`${id}: there is no pipeline ${pipeline}`];
      return movedWrongly(records, known).map((what) => `${id}: ${what}`);
    }),
};
