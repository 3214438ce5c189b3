import type { APIError } from "@anthropic-ai/sdk";

const RESET = /^anthropic-ratelimit-(.+)-reset$/;
/** How the API words a spend limit that an operator set; it has no code of its own. */
const REGAINED = /regain access on (\d{4}-\d{2}-\d{2}) at (\d{2}:\d{2}) UTC/;

/**
 * Until when the provider refuses further requests, as it named it; null: it named no time to come, or
 * the error isn't a limit.
 */
export function limitedUntil(error: APIError, now: Date): Date | null {
  const until = new Date(namedTime(error, now) ?? Number.NaN);
  return until.getTime() > now.getTime() ? until : null;
}

function namedTime(error: APIError, now: Date): number | null {
  if (!isRateLimit(error)) return error.status === 400 ? regainedAt(error.apiMessage ?? "") : null;
  const headers = error.headers ?? new Headers();
  const asked = retryAfter(headers, now) ?? lastReset(headers);
  if (asked !== null) return asked;
  // A tier's monthly cap: access comes back with the next month, in UTC.
  return error.errorCode === "enforced_spend_limit_reached"
    ? Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)
    : regainedAt(error.apiMessage ?? "");
}

/** Inside a stream a limit is an event and has no status. */
function isRateLimit(error: APIError): boolean {
  return error.status === 429 || (error.status === undefined && error.type === "rate_limit_error");
}

function retryAfter(headers: Headers, now: Date): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  return /^\d+(\.\d+)?$/.test(value) ? now.getTime() + Number(value) * 1_000 : Date.parse(value);
}

/** The latest reset among the limits that are used up; all of them come with every answer. */
function lastReset(headers: Headers): number | null {
  const times = [...headers].flatMap(([name, value]) => {
    const limit = RESET.exec(name)?.[1];
    if (limit === undefined) return [];
    const left = headers.get(`anthropic-ratelimit-${limit}-remaining`) ?? "0";
    return left === "0" ? [timeOf(value)] : [];
  });
  return times.length === 0 ? null : Math.max(...times);
}

/** RFC 3339, or seconds since the epoch. */
function timeOf(value: string): number {
  return /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value);
}

function regainedAt(message: string): number | null {
  const [, date, time] = REGAINED.exec(message) ?? [];
  return date === undefined ? null : Date.parse(`${date}T${time}:00Z`);
}
