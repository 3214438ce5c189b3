import type { Invariant } from "./invariant.js";

export const noOrphanProcess: Invariant = {
  name: "no process is left of any run, gate or dead worker",
  broken: ({ strangers }) => strangers,
};
