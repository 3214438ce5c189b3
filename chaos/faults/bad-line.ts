import { SEAT_NAMES } from "../world/fleet.js";
import type { Fault } from "./fault.js";

const LINES = { targets: SEAT_NAMES } as const;

/** Long enough, at times, for the locks of what is under way to end. */
export const cutLine: Fault = {
  ...LINES,
  name: "cut off from Redis",
  shortest: 200,
  longest: 40_000,
  weight: 3,
  async begin({ lines }, seat) {
    const mend = lines.of(seat).cut();
    return async () => mend();
  },
};

export const stalledLine: Fault = {
  ...LINES,
  name: "Redis hears and says nothing",
  shortest: 500,
  longest: 20_000,
  weight: 2,
  async begin({ lines }, seat) {
    const mend = lines.of(seat).stall();
    return async () => mend();
  },
};

const SLOW_MS = 150;

export const slowLine: Fault = {
  ...LINES,
  name: "slow line to Redis",
  shortest: 2_000,
  longest: 20_000,
  weight: 3,
  async begin({ lines }, seat) {
    const mend = lines.of(seat).delay(SLOW_MS);
    return async () => mend();
  },
};
