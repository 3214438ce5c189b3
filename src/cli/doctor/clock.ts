import { type Finding, ok, warn } from "./check.js";

/** Leases, delays and `Retry-After` are counted in times of both sides; a second is lost in rounding. */
const MOST_APART_MS = 10_000;

/** @param whose as `Redis's` */
export function clockFinding(whose: string, aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (Math.abs(aheadMs) <= MOST_APART_MS) return ok(`${whose} clock agrees with ours`);
  return warn(
    `${whose} clock is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`,
    "let both follow a time server (chrony, systemd-timesyncd)",
  );
}
