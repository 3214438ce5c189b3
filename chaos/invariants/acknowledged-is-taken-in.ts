import type { Invariant } from "./invariant.js";

/** Whoever sent it was told that it is safe, and won't send it again. */
export const acknowledgedIsTakenIn: Invariant = {
  name: "every acknowledged delivery was taken in",
  broken: ({ deliveries }) =>
    deliveries
      .filter(({ acknowledged, job }) => acknowledged && job !== "completed")
      .map(({ event, fingerprint, job }) => {
        return `${event} ${fingerprint.slice(0, 12)}: its job is ${job ?? "nowhere"}`;
      }),
};
