import { issueKey } from "../domain/issue.js";
import { awaitsStart, type WorkItem } from "../domain/work-item.js";
import type { ReadyItem } from "./slots.js";
import type { ReadWorkItems } from "./work-items.js";

/** What keeps a ready item from a slot. */
export type Obstacle =
  /** All slots of its repository, or of its role across the fleet, are in use. */
  | {
      readonly kind: "project" | "role";
      readonly name: string;
      readonly used: number;
      readonly limit: number;
    }
  /** `untilMs` absent: until somebody ends the pause. */
  | { readonly kind: "paused"; readonly provider: string; readonly untilMs?: number }
  /** A lower number of its repository is on its way. */
  | { readonly kind: "expected"; readonly number: number }
  /** A run of an earlier version hasn't given its slot back. */
  | { readonly kind: "earlier" }
  /** The configuration doesn't know its repository. */
  | { readonly kind: "unknown"; readonly name: string };

export interface PlannedItem {
  readonly item: ReadyItem;
  /** Absent: it starts now. */
  readonly obstacle?: Obstacle;
}

/** Tells what admission would do, made by what does it; changes nothing. */
export interface SlotPlan {
  /** Who starts now, who starts as slots are given back, then who can't even then; in order. */
  next(now: number, limit: number): Promise<readonly PlannedItem[]>;
}

export type PlanEntry = {
  readonly item: string;
  readonly title: string;
  readonly project: string;
  readonly stage: string;
} & (
  | { readonly state: "starts" }
  | { readonly state: "waits"; readonly for: Obstacle }
  | { readonly state: "blocked"; readonly by: readonly string[] }
);

export interface Plan {
  readonly entries: readonly PlanEntry[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

/** Items looked at for blocked ones at most, newest first. */
const MOST_LOOKED_AT = 10_000;
const PAGE = 500;

/** What would start next and why, and what the others wait for. */
export async function makePlan(
  { items, slots, now }: { items: ReadWorkItems; slots: SlotPlan; now: number },
  limit: number,
): Promise<Plan> {
  const ready = await readyEntries(items, await slots.next(now, limit + 1));
  const known = new Set(ready.map(({ item }) => item));
  const room = limit + 1 - ready.length;
  const blocked = room > 0 ? await blockedEntries(items, known, room) : [];
  const entries = [...ready, ...blocked];
  return { entries: entries.slice(0, limit), more: entries.length > limit };
}

async function readyEntries(
  items: ReadWorkItems,
  planned: readonly PlannedItem[],
): Promise<PlanEntry[]> {
  const entries = await Promise.all(
    planned.map(async ({ item: ready, obstacle }) => {
      const item = await items.find(ready.item);
      if (item === null || item.version !== ready.version) return [];
      const entry = entryOf(item);
      return obstacle === undefined
        ? [{ ...entry, state: "starts" as const }]
        : [{ ...entry, state: "waits" as const, for: obstacle }];
    }),
  );
  return entries.flat();
}

/** Lowest numbers of a project first, as they would enter its ready set. */
async function blockedEntries(
  items: ReadWorkItems,
  known: ReadonlySet<string>,
  room: number,
): Promise<PlanEntry[]> {
  const found: { item: WorkItem; by: readonly string[] }[] = [];
  let cursor: string | null = null;
  for (let seen = 0; seen < MOST_LOOKED_AT; seen += PAGE) {
    const page: Awaited<ReturnType<ReadWorkItems["list"]>> = await items.list({
      limit: PAGE,
      cursor,
    });
    const waiting = page.items.filter((item) => awaitsStart(item) && !known.has(item.id));
    const read = waiting.map(async (item) => ({ item, by: await items.waitingOn(item.id) }));
    found.push(...(await Promise.all(read)).filter(({ by }) => by.length > 0));
    cursor = page.next;
    if (cursor === null) break;
  }
  return found
    .sort((a, b) => compare(a.item.project, b.item.project) || a.item.order - b.item.order)
    .slice(0, room)
    .map(({ item, by }) => ({
      ...entryOf(item),
      state: "blocked" as const,
      by: by.filter((key) => key !== issueKey(item.issue)),
    }));
}

function entryOf({ id, title, project, stage }: WorkItem) {
  return { item: id, title, project, stage };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
