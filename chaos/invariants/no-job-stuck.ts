import type { Invariant } from "./invariant.js";

/** These come round for ever. */
const ROUNDS = "maintenance";

export const noJobStuck: Invariant = {
  name: "no job is stuck, and nothing is owed (I4)",
  broken: ({ jobs, items }) => [
    ...jobs
      .filter(({ queue, state }) => queue !== ROUNDS || state === "failed")
      .map(({ queue, id, state, reason }) => `${queue} ${id} is ${state} ${reason}`.trim()),
    ...items
      .filter(({ owed, inOutbox }) => owed.length > 0 || inOutbox)
      .map(
        ({ item, owed }) => `${item.id} owes ${owed.map(({ id }) => id).join(", ") || "something"}`,
      ),
  ],
};
