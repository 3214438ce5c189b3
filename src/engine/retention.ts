import { type IssueKey, issueKey } from "../domain/issue.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import type { Logger } from "../telemetry/logger.js";
import type { Flows } from "./flows.js";
import type { DependencyGraph, Edge, EdgeSource } from "./graph.js";
import type { Locks } from "./locks.js";
import { pollEntry } from "./outbox.js";
import type { WorkItems } from "./work-items.js";

/** Takes items away for good. */
export interface ItemRemoval {
  /** Items made before this moment, ms since epoch, newest first; `cursor` from the last page's `next`. */
  madeBefore(
    moment: number,
    page: { readonly limit: number; readonly cursor: string | null },
  ): Promise<{ readonly items: readonly WorkItem[]; readonly next: string | null }>;
  /**
   * Removes an item with its history, runs, their logs and its entries in every index, unless it owes
   * effects or isn't any more as it was read; false: it stays. That its issue had an item stays known.
   */
  remove(item: WorkItem): Promise<boolean>;
}

export interface RetentionDeps {
  readonly items: Pick<WorkItems, "find" | "ofIssue" | "owed">;
  readonly graph: DependencyGraph;
  readonly flows: Pick<Flows, "discard">;
  readonly locks: Locks;
  readonly removal: ItemRemoval;
  readonly log: Logger;
  readonly clock: () => number;
  /** How long an item is kept after its end, in ms. */
  readonly keepItemsMs: number;
}

/** Items looked at in one go. */
const BATCH = 100;
/** Nobody may start the issue anew meanwhile; whoever dies lets go after this, in ms. */
const LOCK_MS = 30_000;

/**
 * A round that removes finished items that have passed their age, a batch a call, and returns how many
 * it removed. What isn't finished, or somebody still waits for, is passed over and met again later.
 */
export function createRetention(deps: RetentionDeps): () => Promise<number> {
  let cursor: string | null = null;
  return async () => {
    const ended = deps.clock() - deps.keepItemsMs;
    const { items, next } = await deps.removal.madeBefore(ended, { limit: BATCH, cursor });
    cursor = next;
    let removed = 0;
    for (const item of items) {
      if (!isFinished(item) || Date.parse(item.updatedAt) >= ended) continue;
      if (await retired(deps, item)) removed += 1;
    }
    return removed;
  };
}

/** One that can't be removed must not keep the others. */
async function retired(deps: RetentionDeps, item: WorkItem): Promise<boolean> {
  try {
    return await retire(deps, item);
  } catch (error) {
    deps.log.warn({ item: item.id, err: error }, "could not be removed; it is tried again");
    return false;
  }
}

async function retire(deps: RetentionDeps, item: WorkItem): Promise<boolean> {
  const issue = issueKey(item.issue);
  const unlock = await deps.locks.take(`issue:${issue}`, LOCK_MS);
  if (unlock === null) return false;
  try {
    if ((await deps.items.owed(item.id)).length > 0) return false;
    if (await isAwaited(deps, issue)) return false;
    for (let version = 1; version <= item.version; version += 1) {
      await deps.flows.discard(item.id, version);
    }
    // Started anew, the issue has another item, whose edges these are.
    if ((await deps.items.ofIssue(issue)) === item.id) await forgetEdges(deps, issue);
    await deps.graph.agenda.drop(pollEntry(item.id));
    if (!(await deps.removal.remove(item))) return false;
    deps.log.debug({ item: item.id }, "removed: it ended longer ago than items are kept");
    return true;
  } finally {
    await unlock();
  }
}

/** Does an item wait for this issue? Costs time in proportion to its own dependents. */
async function isAwaited(deps: RetentionDeps, blocker: IssueKey): Promise<boolean> {
  for (const dependent of await deps.graph.dependents(blocker)) {
    if (!(await deps.graph.unmet(dependent)).includes(blocker)) continue;
    const id = await deps.items.ofIssue(dependent);
    const item = id === null ? null : await deps.items.find(id);
    if (item !== null && !isFinished(item)) return true;
  }
  return false;
}

/** Takes back what the issue states, but for what an issue without an item would wait for. */
async function forgetEdges({ graph }: RetentionDeps, issue: IssueKey): Promise<void> {
  for (const by of ["text", "tracker"] as const) {
    const source: EdgeSource = { by, issue };
    const kept: Edge[] = [];
    for (const edge of await graph.stated(source)) {
      if (edge.dependent === issue) continue;
      if ((await graph.unmet(edge.dependent)).includes(edge.blocker)) kept.push(edge);
    }
    await graph.state(source, kept);
    await graph.seen(source, await graph.appeared(source));
    // Nobody waits for what vanished: the item is over.
    await graph.noted(source, await graph.vanished(source));
  }
}
