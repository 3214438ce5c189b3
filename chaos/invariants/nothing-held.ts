import type { Invariant } from "./invariant.js";

export const nothingHeld: Invariant = {
  name: "no lock, slot or reserved budget is left (I8)",
  broken: ({ held }) => held,
};
