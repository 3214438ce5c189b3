import { replanned } from "./item-life.js";
import { type Cause, historyEntry, noted, type Transition } from "./transition.js";
import { isFinished, type WorkItem } from "./work-item.js";

const UNOPENED = "pull-request-unopened";

/** Does it stand still since its pull request couldn't be opened, however often that was tried? */
export function isUnopened(item: Pick<WorkItem, "reported">): boolean {
  return item.reported === UNOPENED;
}

/**
 * Its pull request couldn't be opened in all the attempts there are: a person is told, and the slot
 * goes to somebody else. Null: told already, or over.
 */
export function openingFailed(item: WorkItem, why: string, cause: Cause): Transition | null {
  if (isFinished(item) || isUnopened(item)) return null;
  const reason = `No pull request could be opened. ${why}`;
  return noted(
    item,
    cause,
    { status: "failed", reason, reported: UNOPENED },
    [historyEntry(cause, "transition", { from: item.stage, to: item.stage, reason })],
    [
      { kind: "release-slot", version: item.version },
      {
        kind: "comment",
        body: `**${item.id} stands still:** no pull request could be opened, and nothing is tried any more by itself. ${why}\n\nAn approver's \`/retry\`, or retrying the failed job in the board, goes on from here.`,
      },
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title} stands still: ${reason}` },
    ],
  );
}

/**
 * It was opened after all, by a retry in the board. Whoever waits for an agent waits in a new flow:
 * the slot was given back, and edges may have been met. Null: nothing was amiss.
 */
export function openingWentOn(item: WorkItem, cause: Cause): Transition | null {
  if (!isUnopened(item) || isFinished(item)) return null;
  const reason = "Its pull request is open.";
  const next = { ...item, status: "waiting", reason, reported: null } as const;
  const entry = historyEntry(cause, "transition", { from: item.stage, to: item.stage, reason });
  const waiting = noted(next, cause, {}, [entry], [{ kind: "status-comment" }]);
  const anew = replanned(waiting.item, cause);
  if (anew === null) return waiting;
  return { ...anew, history: [entry], effects: [...waiting.effects, ...anew.effects] };
}
