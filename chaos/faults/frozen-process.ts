import { SEAT_NAMES } from "../world/fleet.js";
import type { Fault } from "./fault.js";

/** Stopped by SIGSTOP, up to beyond the end of its locks; then it goes on as if nothing had been. */
export const frozenProcess: Fault = {
  name: "SIGSTOP",
  targets: SEAT_NAMES,
  shortest: 1_000,
  longest: 45_000,
  weight: 4,
  async begin({ fleet }, name) {
    const seat = fleet.seat(name);
    if (!seat.signal("SIGSTOP")) return null;
    return async () => void seat.signal("SIGCONT");
  },
};
