import { runsWrongly } from "../../tests/support/audit.js";
import { type Invariant, repeated } from "./invariant.js";

export const oneFinishedRun: Invariant = {
  name: "an item's stage and attempt have one finished run (I5, I6)",
  broken: ({ items, cap }) =>
    items.flatMap((records) => {
      const names = records.runs.map(({ version, attempt }) => `v${version} attempt ${attempt}`);
      const twice = repeated(names).map((name) => `${name} ran twice`);
      return [...twice, ...runsWrongly(records, cap)].map((what) => `${records.item.id}: ${what}`);
    }),
};
