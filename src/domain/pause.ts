import { closedUnfinished } from "./run.js";
import { startRefusal } from "./run-life.js";
import { type Cause, noted, type Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/** A time that is past, or none at all, tells of a limit but not how long it lasts. */
const UNKNOWN_MS = 60_000;
/** Who reads the time may be an agent that claims the year 3000. */
const LONGEST_MS = 7 * 86_400_000;
const JITTER_SHARE = 0.1;
const JITTER_MS = 30_000;

/**
 * When a provider's pause ends, in ms since epoch: never before the time it named, and a little later,
 * so that not all come back in the same moment. `random` is in [0, 1).
 */
export function pauseEnd(named: number, now: number, random: number): number {
  const wait = named > now ? Math.min(named - now, LONGEST_MS) : UNKNOWN_MS;
  return Math.round(now + wait + random * Math.min(wait * JITTER_SHARE, JITTER_MS));
}

export function pauseReason(provider: string, until: number): string {
  return `The limit of ${provider} is reached; it pauses until ${new Date(until).toISOString()}.`;
}

/**
 * Says why a version whose turn has come doesn't start and waits instead; an open record is of a
 * worker that was lost. Null: nobody is to start, or it is said already.
 */
export function pausedBeforeStart(
  item: WorkItem,
  version: number,
  reason: string,
  cause: Cause,
): Transition | null {
  if (startRefusal(item, version) !== null) return null;
  const runs = closedUnfinished(item.run, "superseded", "its worker was lost", cause.at);
  if (item.status === "paused" && item.reason === reason && runs.length === 0) return null;
  const changes = { run: runs[0] ?? item.run, status: "paused", reason } as const;
  return { ...noted(item, cause, changes, [], [{ kind: "status-comment" }]), runs };
}
