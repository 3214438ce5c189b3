import type { IssueKey } from "../domain/issue.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import type { ReadWorkItems } from "../engine/work-items.js";

export interface ItemWithWaits {
  readonly item: WorkItem;
  /** Blockers not met; none for a finished item. */
  readonly waitingOn: readonly IssueKey[];
}

export function withWaits(
  items: ReadWorkItems,
  found: readonly WorkItem[],
): Promise<ItemWithWaits[]> {
  return Promise.all(
    found.map(async (item) => ({
      item,
      waitingOn: isFinished(item) ? [] : await items.waitingOn(item.id),
    })),
  );
}
