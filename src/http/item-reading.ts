import { ITEM_ID } from "../domain/ids.js";
import type { IssueKey } from "../domain/issue.js";
import type { RunRecord } from "../domain/run.js";
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

/** The run that a path names, if it is this item's. */
export async function findRun(
  items: ReadWorkItems,
  { id = "", run }: { readonly id?: string; readonly run?: string },
): Promise<{ readonly item: WorkItem; readonly run: RunRecord } | null> {
  const item = ITEM_ID.test(id) ? await items.find(id) : null;
  const record = item === null ? undefined : (await items.runs(id)).find((each) => each.id === run);
  return item === null || record === undefined ? null : { item, run: record };
}
