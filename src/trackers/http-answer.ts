import { z } from "zod";
import { TrackerError } from "../engine/tracker.js";

/** Seconds since the epoch are above this, seconds to wait below. */
const EPOCH_SECONDS = 1_000_000_000;
const MAX_WAIT_MS = 3_600_000;
const MAX_DETAIL = 300;

/** An empty body is null. @throws TrackerError when a 2xx carries no JSON: some proxy answered. */
export function readJson(what: string, text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TrackerError(
      "tracker-unexpected",
      `${what} answered with something that isn't JSON`,
      {
        retryable: true,
        cause: cause instanceof SyntaxError ? undefined : cause,
      },
    );
  }
}

/** Checks the fields we use. @throws TrackerError naming the field. */
export function expectShape<T>(schema: z.ZodType<T>, body: unknown, what: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : ` at ${issue.path.join(".") || "the top"}`;
  throw new TrackerError(
    "tracker-unexpected",
    `${what} has an unexpected shape${where}: ${issue?.message ?? "unknown"}`,
    { retryable: false },
  );
}

/** Time to wait in ms, from `Retry-After` (seconds or a date) or `X-RateLimit-Reset` (epoch seconds). */
export function retryAfter(headers: Headers, now: number): number | null {
  const given = headers.get("retry-after") ?? headers.get("x-ratelimit-reset");
  if (given === null || given.trim() === "") return null;
  const seconds = Number(given);
  const until = Number.isNaN(seconds) ? Date.parse(given) : seconds * 1000;
  if (Number.isNaN(until)) return null;
  const wait = Number.isNaN(seconds) || seconds > EPOCH_SECONDS ? until - now : until;
  return Math.min(Math.max(Math.ceil(wait), 0), MAX_WAIT_MS);
}

/** Translates an answer that isn't 2xx. The server's words are quoted without the token. */
export function refusal(
  what: string,
  status: number,
  text: string,
  wait: number | null,
  secret: string,
): TrackerError {
  const words = detail(text, secret);
  const message = `${what} answered ${status}${words === "" ? "" : `: ${words}`}`;
  const said = { status, ...(words === "" ? {} : { detail: words }) };
  const after = wait === null ? {} : { retryAfterMs: wait };
  if (status === 429) {
    return new TrackerError("tracker-rate-limited", message, {
      retryable: true,
      ...said,
      ...after,
    });
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new TrackerError("tracker-unavailable", message, { retryable: true, ...said, ...after });
  }
  return new TrackerError("tracker-refused", message, { retryable: false, ...said });
}

const errorBody = z.object({
  message: z.string().optional(),
  error: z.string().optional(),
  detail: z.string().optional(),
});

/** Gitea says `message`, Plane `error` or `detail`; pages of proxies aren't worth quoting. */
function detail(text: string, secret: string): string {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    return "";
  }
  const parsed = errorBody.safeParse(body);
  const words = parsed.success
    ? (parsed.data.message ?? parsed.data.error ?? parsed.data.detail ?? "")
    : "";
  const safe = secret === "" ? words : words.replaceAll(secret, "***");
  return safe.replace(/\s+/g, " ").trim().slice(0, MAX_DETAIL);
}
