import { ITEM_STATUSES, type ItemStatus, isFinished, type WorkItem } from "../domain/work-item.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { FleetFacts } from "./fleet-facts.js";

/** Which items somebody wants to see; null: all of them. */
export interface ItemFilter {
  readonly project: string | null;
  /** `open`: not done and not cancelled. */
  readonly status: ItemStatus | "open" | null;
}

export const NO_FILTER: ItemFilter = { project: null, status: null };

/** More than a screen holds, and few enough to render at once. */
const ITEMS_A_PAGE = 300;
/** How many are looked through for those that fit, before a page is shown with what was found. */
const MOST_LOOKED_AT = 3_000;

/** What a query asks for; what isn't known asks for nothing. */
export function filterOf(query: Readonly<Record<string, unknown>>, fleet: FleetFacts): ItemFilter {
  const statuses = ["open", ...ITEM_STATUSES] as const;
  return {
    project: fleet.projects.find(({ name }) => name === query.project)?.name ?? null,
    status: statuses.find((status) => status === query.status) ?? null,
  };
}

/** A page of the items that fit, newest first, in whole pages of the store. */
export async function readItems(
  items: Pick<ReadWorkItems, "list">,
  filter: ItemFilter,
  from: string | null,
): Promise<{ readonly items: readonly WorkItem[]; readonly next: string | null }> {
  const found: WorkItem[] = [];
  let cursor = from;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += ITEMS_A_PAGE) {
    const page = await items.list({ limit: ITEMS_A_PAGE, cursor });
    found.push(...page.items.filter((item) => fits(item, filter)));
    cursor = page.next;
    if (cursor === null || found.length >= ITEMS_A_PAGE) break;
  }
  return { items: found, next: cursor };
}

function fits(item: WorkItem, { project, status }: ItemFilter): boolean {
  if (project !== null && item.project !== project) return false;
  if (status === "open") return !isFinished(item);
  return status === null || item.status === status;
}
