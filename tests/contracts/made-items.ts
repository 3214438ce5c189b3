import { expect } from "vitest";
import { historyEntry, noted, type Transition } from "../../src/domain/transition.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import type { DependencyGraph } from "../../src/engine/graph.js";
import type { WorkItems } from "../../src/engine/work-items.js";
import { sampleItem } from "../support/memory-work-items.js";

export interface OpenWorkItems {
  readonly items: WorkItems;
  /** The graph over the same store: what an item waits for is read from it. */
  readonly graph: DependencyGraph;
}

export const AT = "2026-03-02T10:00:00.000Z";
export const AT_MS = Date.parse(AT);
const cause = (id: string, at = AT) => ({ id, text: `step ${id}`, at });

/** A change that leaves a trace everywhere: in the document, the history and what is owed. */
export function step(
  item: WorkItem,
  id: string,
  changes: Partial<WorkItem> = {},
  at = AT,
): Transition {
  const entry = historyEntry(cause(id, at), "command", { reason: id });
  return noted(item, cause(id, at), changes, [entry], [{ kind: "status-comment" }]);
}

export async function made(items: WorkItems, number = 1, changes: Partial<WorkItem> = {}) {
  const item = sampleItem(number, changes);
  expect(await items.create(step(item, `start-${number}`), `# Task ${number}`)).toBe(true);
  return item.id;
}
