import { SEAT_NAMES } from "../world/fleet.js";
import { type Fault, OVER } from "./fault.js";

/** `kill -9`; its supervisor starts another. */
export const killedProcess: Fault = {
  name: "kill -9",
  targets: SEAT_NAMES,
  shortest: 0,
  longest: 0,
  weight: 5,
  async begin({ fleet }, name) {
    return fleet.seat(name).signal("SIGKILL") ? OVER : null;
  },
};
