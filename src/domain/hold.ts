import type { EffectKind } from "./effect.js";
import { type Cause, noted, type Transition } from "./transition.js";
import { awaitsStart, type Hold, isFinished, type WorkItem } from "./work-item.js";

/** A hold as it is told when it begins; null: not in a comment, or to no messenger. */
export interface NewHold extends Hold {
  readonly comment: string | null;
  readonly notification: string | null;
}

export interface HoldChange {
  readonly found: readonly NewHold[];
  /** Holds that are over, each with what is said of it; null: what follows says enough. */
  readonly gone: readonly { readonly id: string; readonly comment: string | null }[];
}

const WAITS = "Waits for its turn.";

/**
 * Tells of each hold once for as long as it lasts, and of its end. Again, or of a finished item: null,
 * unless the status has lost its reason meanwhile.
 */
export function heldUp(item: WorkItem, change: HoldChange, at: string): Transition | null {
  if (isFinished(item)) return null;
  const before = item.holds ?? [];
  const fresh = change.found.filter(({ id }) => !before.some((hold) => hold.id === id));
  const over = change.gone.filter(({ id }) => before.some((hold) => hold.id === id));
  const holds = [
    ...before.filter(({ id }) => !over.some((hold) => hold.id === id)),
    ...fresh.map(({ id, reason }) => ({ id, reason })),
  ];
  const reason = reasonWith(item, holds);
  if (fresh.length + over.length === 0 && reason === item.reason) return null;
  return changed(item, { holds, reason }, effectsOf(fresh, over), at);
}

/** Shows anew what a waiting item waits for. */
export function shownAnew(item: WorkItem, at: string): Transition | null {
  return awaitsStart(item) ? changed(item, {}, [{ kind: "status-comment" }], at) : null;
}

/** Two who say the same race for one revision, so the count is the same whoever wins. */
function changed(
  item: WorkItem,
  changes: Partial<WorkItem>,
  effects: readonly EffectKind[],
  at: string,
): Transition {
  const holdChanges = (item.holdChanges ?? 0) + 1;
  const cause: Cause = { id: `hold-${holdChanges}`, text: "its blockers", at };
  return noted(item, cause, { ...changes, holdChanges }, [], effects);
}

/** What holds it up is why it waits; an item at work, paused or failed has a reason of its own. */
function reasonWith(item: WorkItem, holds: readonly Hold[]): string {
  if (item.status !== "waiting" || !awaitsStart(item)) return item.reason;
  const reasons = holds.flatMap(({ reason }) => (reason === null ? [] : [reason]));
  if (reasons[0] !== undefined) return reasons[0];
  const wasHeld = item.holds?.some(({ reason }) => reason === item.reason) === true;
  return wasHeld ? WAITS : item.reason;
}

function effectsOf(
  fresh: readonly NewHold[],
  over: readonly { readonly comment: string | null }[],
): EffectKind[] {
  const comments = [...over, ...fresh].flatMap(({ comment }) =>
    comment === null ? [] : [comment],
  );
  const notifications = fresh.flatMap(({ notification }) =>
    notification === null ? [] : [notification],
  );
  return [
    ...comments.map((body): EffectKind => ({ kind: "comment", body })),
    { kind: "status-comment" },
    ...notifications.map((text): EffectKind => ({ kind: "notification", text })),
  ];
}
