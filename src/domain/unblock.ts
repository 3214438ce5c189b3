import { acknowledged, refused, type Speaker } from "./answers.js";
import type { IssueKey } from "./issue.js";
import { type Cause, historyEntry, noted, type Transition } from "./transition.js";
import { isFinished, type WorkItem } from "./work-item.js";

/** An edge a person wants away, and what the item waits for at this moment. */
export interface EdgeToWaive {
  /** Null: no issue that an edge could lead to. */
  readonly blocker: IssueKey | null;
  /** As the person wrote it. */
  readonly written: string;
  readonly unmet: readonly IssueKey[];
}

/** Lets the item go on without one of its blockers, for good. */
export function unblocked(
  item: WorkItem,
  speaker: Speaker,
  { blocker, written, unmet }: EdgeToWaive,
  cause: Cause,
): Transition {
  if (isFinished(item)) {
    return refused(item, speaker, cause, `${item.id} is ${item.status} already.`);
  }
  if (blocker === null || !unmet.includes(blocker)) {
    return refused(item, speaker, cause, `${item.id} does not wait for ${written}.`);
  }
  const reason = `${speaker.name} took away the edge to ${written}.`;
  const entry = historyEntry(cause, "command", { from: item.stage, reason });
  const waived = noted(
    item,
    cause,
    {},
    [entry],
    [{ kind: "waive-edge", blocker }, { kind: "status-comment" }],
  );
  return acknowledged(waived, speaker, cause, `${item.id} goes on without ${written}.`);
}
