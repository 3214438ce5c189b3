/** A limit whose end the CLI doesn't tell is tried again after this long, in ms. */
export const LIMIT_WITHOUT_TIME_MS = 15 * 60_000;
/** Limits renew weekly at the latest; a later time is nonsense, perhaps planted, and would stop the fleet. */
const LATEST_MS = 8 * 24 * 60 * 60_000;
/** Seconds since the epoch have ten digits for centuries; more are milliseconds. */
const SECONDS_BELOW = 100_000_000_000;

/** When a limit ends: the first of the told times that can be true, else after a while. */
export function limitedUntil(told: readonly (number | null)[], now: number): Date {
  const times = told.flatMap((time) => (time === null ? [] : [inMilliseconds(time)]));
  const known = times.find((time) => time > now && time <= now + LATEST_MS);
  return new Date(known ?? now + LIMIT_WITHOUT_TIME_MS);
}

function inMilliseconds(time: number): number {
  return time < SECONDS_BELOW ? time * 1000 : time;
}

/** Does the CLI's own error text speak of a spent quota? It says so in one line. */
export function speaksOfLimit(text: string): boolean {
  return /usage limit reached|hit your (?:[\w-]+ ){0,2}limit|out of extra usage/i.test(text);
}

/** The time in `Claude AI usage limit reached|1749924000` or `… resets 9am (Europe/Berlin)`; null: none. */
export function resetIn(text: string, now: number): number | null {
  const stamp = /limit reached\|(\d{10,13})\b/i.exec(text)?.[1];
  if (stamp !== undefined) return Number(stamp);
  const clock = /resets? (?:at )?(\d{1,2})(?::(\d{2}))? ?([ap])m \(([\w/+-]{1,40})\)/i.exec(text);
  if (clock === null) return null;
  const [, hour = "", minute = "0", half = "", zone = ""] = clock;
  const hours = (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  return nextClock(hours * 60 + Number(minute), zone, now);
}

/** The next moment at which clocks of `zone` show this minute of the day; null: no such zone. */
function nextClock(minuteOfDay: number, zone: string, now: number): number | null {
  const shown = minuteShown(zone, now);
  if (shown === null) return null;
  const minutes = (minuteOfDay - shown + 24 * 60) % (24 * 60);
  const secondsInto = now % 60_000;
  // It may be that minute now.
  const ahead = Math.max(minutes, 1) * 60_000;
  return now + ahead - secondsInto;
}

function minuteShown(zone: string, now: number): number | null {
  try {
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    const [hours = 0, minutes = 0] = format.format(now).split(":").map(Number);
    return hours * 60 + minutes;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
