import type { SeenJob } from "../snapshot.js";
import type { Invariant } from "./invariant.js";

/** These come round for ever; one that failed stays for people to see, and the next one comes. */
const ROUNDS = "maintenance";
const ROUND = /^repeat:/;
const TO_COME = ["delayed", "waiting", "active"];

export const noJobStuck: Invariant = {
  name: "no job is stuck, nothing is owed, and rounds go on (I4)",
  broken: ({ jobs, items }) => [
    ...jobs
      .filter(({ queue }) => queue !== ROUNDS)
      .map(({ queue, id, state, reason }) => `${queue} ${id} is ${state} ${reason}`.trim()),
    ...items
      .filter(({ owed, inOutbox }) => owed.length > 0 || inOutbox)
      .map(
        ({ item, owed }) => `${item.id} owes ${owed.map(({ id }) => id).join(", ") || "something"}`,
      ),
    ...(jobs.some(isRoundToCome) ? [] : ["no sweep is to come"]),
  ],
};

function isRoundToCome({ queue, id, state }: SeenJob): boolean {
  return queue === ROUNDS && ROUND.test(id) && TO_COME.includes(state);
}
