import type { EffectKind } from "./effect.js";
import { AFTER_RUN } from "./ids.js";
import { awaitsMerge, mergeRefused } from "./merge.js";
import { type Cause, noted, type Transition } from "./transition.js";
import { isFinished, type WorkItem } from "./work-item.js";

/** A job of an item's that nobody tries again by itself. */
export interface JobFailure {
  readonly queue: string;
  readonly job: string;
  readonly reason: string;
  /** Null: it isn't bound to one. */
  readonly version: number | null;
  readonly evaluation: string | null;
  /** What it was to tell or do outside; null: it is a part of the work. */
  readonly effect: string | null;
}

/** Looks that an item's way depends on; who asked for another one may ask again. */
const OWN_LOOKS: readonly (string | null)[] = [null, AFTER_RUN, "entered"];

/**
 * Tells people of it, once. Null: what it was for is over, or it was told already as the end of a
 * run. Who can't be told by comments is told by a notification.
 */
export function jobFailed(item: WorkItem, failure: JobFailure, cause: Cause): Transition | null {
  const { queue, version, effect } = failure;
  if (isFinished(item) || (version !== null && version !== item.version)) return null;
  if (queue === "runs" && item.status === "failed") return null;
  if (effect === "merge") {
    return awaitsMerge(item) && item.status !== "blocked"
      ? mergeRefused(item, said(failure), cause)
      : null;
  }
  // Whoever gives up opening it says so on the item.
  if (effect === "pull-request") return null;
  if (queue === "deliveries") return unheard(item, failure, cause);
  return effect === null ? stopped(item, failure, cause) : untold(item, failure, cause);
}

function stopped(item: WorkItem, failure: JobFailure, cause: Cause): Transition {
  const reason = `${said(failure)} Retry it in the board, or \`/retry\`.`;
  const stops = OWN_LOOKS.includes(failure.evaluation) && item.status !== "blocked";
  const changes = stops ? { status: "failed" as const, reason } : {};
  const body = `**${item.id} can't go on by itself.** ${reason}`;
  return noted(item, cause, changes, [], told(item, reason, [{ kind: "comment", body }]));
}

/** What was told of the item didn't reach it: its own way goes on. */
function unheard(item: WorkItem, failure: JobFailure, cause: Cause): Transition {
  const reason = `${said(failure)} Mend its cause and retry it in the board.`;
  const body = `**Something that happened to ${item.id} could not be taken in.** ${reason}`;
  return noted(item, cause, {}, [], told(item, reason, [{ kind: "comment", body }]));
}

function untold(item: WorkItem, failure: JobFailure, cause: Cause): Transition {
  const reason = `${said(failure)} Mend its cause and retry it in the board.`;
  const byComment = failure.effect === "notification";
  const body = `**Something about ${item.id} could not be told.** ${reason}`;
  const comment: EffectKind[] = byComment ? [{ kind: "comment", body }] : [];
  return noted(item, cause, {}, [], byComment ? comment : told(item, reason, comment));
}

function told(item: WorkItem, reason: string, first: readonly EffectKind[]): EffectKind[] {
  const text = `${item.id} ${item.title}: ${reason}`;
  return [...first, { kind: "status-comment" }, { kind: "notification", text }];
}

function said({ queue, job, reason }: JobFailure): string {
  return `Job \`${job}\` of queue ${queue} failed: ${reason.replace(/\.?$/, ".")}`;
}
