import { effectsAtEnd, PLAIN_END } from "./ending.js";
import { type Cause, historyEntry, noted, type Rules, type Transition } from "./transition.js";
import { isFinished, type WorkItem } from "./work-item.js";

/** Has it passed every stage, while its pull request is still to be merged? */
export function awaitsMerge(item: WorkItem): boolean {
  return item.stage === "done" && !isFinished(item);
}

/** Is its merge still to be tried? Not while it stands still since a person closed the pull request. */
export function mergeWanted(item: WorkItem): boolean {
  return awaitsMerge(item) && item.status !== "needs-input";
}

/** The pull request is merged, and with that the item is done. Null: it ended already. */
export function mergeSucceeded(
  item: WorkItem,
  pullRequest: string,
  rules: Rules,
  cause: Cause,
): Transition | null {
  if (!awaitsMerge(item)) return null;
  const reason = `Pull request ${pullRequest} was merged.`;
  const atEnd = rules.atEnd ?? PLAIN_END;
  return noted(
    item,
    cause,
    { status: "done", reason },
    [historyEntry(cause, "transition", { from: "done", to: "done", reason, commit: item.head })],
    [
      { kind: "comment", body: `**${item.id} is done.** ${reason}` },
      ...effectsAtEnd(atEnd, atEnd.metBy === "merged"),
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title} is done. ${reason}` },
    ],
  );
}

/** Nobody but a person can mend what keeps it from being merged. Null: it ended already. */
export function mergeRefused(item: WorkItem, reason: string, cause: Cause): Transition | null {
  if (!awaitsMerge(item)) return null;
  return noted(
    item,
    cause,
    { status: "blocked", reason },
    [historyEntry(cause, "transition", { from: "done", to: "done", reason, commit: item.head })],
    [
      {
        kind: "comment",
        body: `**${item.id} is blocked.** ${reason}\n\nMerge it by hand; where something else was in the way, an approver's \`/retry\` tries the same commit again.`,
      },
      { kind: "tracker-state", state: "Blocked" },
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title} is blocked. ${reason}` },
    ],
  );
}

/** An approver asked to try the merge again. */
export function mergeAskedAgain(item: WorkItem, by: string, cause: Cause): Transition {
  return noted(
    item,
    cause,
    { status: "waiting", reason: `${by} asked to merge it again.` },
    [historyEntry(cause, "command", { from: item.stage, reason: `/retry by ${by}` })],
    [{ kind: "merge" }, { kind: "status-comment" }],
  );
}
