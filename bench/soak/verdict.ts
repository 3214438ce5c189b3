import { median, type Sample } from "../statistics.js";

/** What one look at a fleet found. */
export interface Look {
  /** Since the start, in ms. */
  readonly atMs: number;
  /** Issues that were filed so far. */
  readonly filed: number;
  /** Items that were removed so far. */
  readonly removed: number;
  /** Items the store holds. */
  readonly kept: number;
  /** What each part of the fleet takes in memory. */
  readonly bytes: Readonly<Record<string, number>>;
}

export interface Trend {
  /** "items", or a part of the fleet, in bytes. */
  readonly of: string;
  /** Medians of the first and the last third of what counts. */
  readonly from: number;
  readonly to: number;
  /** Most it may have come to. */
  readonly allowed: number;
  readonly flat: boolean;
}

export interface SoakVerdict {
  readonly flat: boolean;
  /** Did most of what was filed become items that were removed? What carries nothing doesn't grow either. */
  readonly carried: boolean;
  /** Issues that were filed while it counted. */
  readonly filed: number;
  /** Items that were removed while it counted. */
  readonly removed: number;
  readonly minutes: number;
  readonly trends: readonly Trend[];
}

/** Heaps breathe, and items come in waves: what was may be so much more. */
const BREATH = 1.25;
/** Redis' own buffers do, too. */
const REDIS_BREATH = 1.1;
/** What stays known of an issue for good: its key, that it was carried, that it is met. In bytes. */
const KNOWN_BYTES = 512;
/** Retention is reached when the first that came is gone; what filled up meanwhile settles as long again. */
const SETTLED_AFTER = 2;
/** Of the issues that were filed, less those that are closed before they begin. */
const LEAST_CARRIED = 0.8;
/** In each third that is compared. */
const LEAST_LOOKS = 3;

/**
 * Is each part of the fleet as large in the last third as in the first, once what ended is removed as
 * fast as it comes? Null: too little was seen after that.
 */
export function judged(looks: readonly Look[], retentionMs: number): SoakVerdict | null {
  const counted = looks.filter(({ atMs }) => atMs >= SETTLED_AFTER * retentionMs);
  const third = Math.floor(counted.length / 3);
  const [first, last] = [counted.slice(0, third), counted.slice(-third)];
  if (third < LEAST_LOOKS) return null;
  const gained = (of: (look: Look) => number) => middleOf(last, of) - middleOf(first, of);
  const filed = gained((look) => look.filed);
  const removed = gained((look) => look.removed);
  const trendOf = (of: string, sizeOf: (look: Look) => number): Trend => {
    const from = middleOf(first, sizeOf);
    const to = middleOf(last, sizeOf);
    const allowed = of === "redis" ? from * REDIS_BREATH + removed * KNOWN_BYTES : from * BREATH;
    return { of, from, to, allowed, flat: to <= allowed };
  };
  const parts = Object.keys(last[0]?.bytes ?? {});
  const trends = [
    trendOf("items", ({ kept }) => kept),
    ...parts.map((part) => trendOf(part, ({ bytes }) => bytes[part] ?? 0)),
  ];
  return {
    flat: trends.every(({ flat }) => flat),
    carried: removed >= LEAST_CARRIED * filed,
    filed,
    removed,
    minutes: ((counted.at(-1)?.atMs ?? 0) - (counted[0]?.atMs ?? 0)) / 60_000,
    trends,
  };
}

function middleOf(looks: readonly Look[], value: (look: Look) => number): number {
  const values: Sample = looks.map(value);
  return median(values);
}
