import type { WorkItem } from "../src/domain/work-item.js";
import type { ReadWorkItems } from "../src/engine/work-items.js";

const PAGE = 200;

/** Every item there is. */
export async function allItems(items: ReadWorkItems): Promise<readonly WorkItem[]> {
  const found: WorkItem[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ReadWorkItems["list"]>> = await items.list({
      limit: PAGE,
      cursor,
    });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}
