import type { z } from "zod";
import type { DomainEvent } from "../domain/events.js";

/** What a body turns out to say. `malformed` comes before all else: it depends on no configuration. */
export type Reading =
  | { readonly kind: "event"; readonly event: DomainEvent }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "malformed"; readonly detail: string };

/** Of a delivery that counts: it is dealt with, or there is nothing to do. */
export type UsableReading = Exclude<Reading, { kind: "malformed" }>;

/** Characters of an id, a branch, an address, a time; no tracker's own are longer. */
const NAME_LIMIT = 1_000;
/** These are cut where they are read: half of a text still says something. */
const TEXTS = new Set(["title", "text"]);

/** Jobs stay small: a name can't be cut without naming something else, so one too long is refused. */
export function event(event: DomainEvent): Reading {
  for (const [name, value] of Object.entries(event)) {
    if (isTooLong(value) && !TEXTS.has(name)) return malformed(`${name}: is too long`);
  }
  return { kind: "event", event };
}

function isTooLong(value: unknown): boolean {
  if (typeof value === "string") return value.length > NAME_LIMIT;
  return Array.isArray(value) && value.some(isTooLong);
}

export function ignored(reason: string): Reading {
  return { kind: "ignored", reason };
}

export function malformed(detail: string): Reading {
  return { kind: "malformed", detail };
}

/** Reads `body` in the shape of `schema`, or says which field doesn't fit; never shows its value. */
export function shaped<T>(
  schema: z.ZodType<T>,
  body: unknown,
  read: (body: T) => Reading,
): Reading {
  const parsed = schema.safeParse(body);
  if (parsed.success) return read(parsed.data);
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? "body" : issue.path.join(".");
  return malformed(`${field}: ${issue?.message ?? "invalid"}`);
}

/** Trackers send no time for what has none; this one is never newer than what is stored. */
export const NO_TIME = "1970-01-01T00:00:00Z";

const TEXT_LIMIT = 4_000;

/** The first 4,000 characters, never half a surrogate pair. */
export function shortened(text: string): string {
  return text.length <= TEXT_LIMIT
    ? text
    : text.slice(0, TEXT_LIMIT).replace(/[\uD800-\uDBFF]$/, "");
}

/** Names and logins are compared without regard to case, as the trackers do. */
export function sameName(one: string | null | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
