import type { Metadata } from "../domain/metadata.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";

/**
 * What most items have; it isn't stored. Never to be changed, whatever the domain's own defaults become:
 * that would change every stored item.
 */
const BLANK_ITEM = {
  run: null,
  expectsRun: false,
  cause: null,
  verdicts: {},
  consumed: [],
  heard: [],
  questionsOpen: false,
  approvalRequested: null,
  approval: null,
  stageCommit: null,
  head: null,
  developerRuns: 0,
  grantedRuns: 0,
  reported: null,
  usage: { inputTokens: 0, outputTokens: 0 },
  costUsd: 0,
} satisfies Partial<WorkItem>;
const BLANK_METADATA = {
  estimatedContext: 50_000,
  difficulty: "medium",
  assignedAgent: "sonnet",
  blocks: [],
  blockedBy: [],
} satisfies Metadata;
const BLANK_CAUSE = { artifact: null, detail: "" } satisfies Partial<WorkItem["cause"]>;
const BLANK_ENTRY = {
  from: null,
  to: null,
  gate: null,
  passed: null,
  reason: "",
  evidence: "",
  commit: null,
} satisfies Partial<HistoryEntry>;

/** An item as it is stored: without what it has as a blank one has it. */
export function packItem(item: WorkItem): string {
  return JSON.stringify({
    ...without(item, BLANK_ITEM),
    metadata: without(item.metadata, BLANK_METADATA),
    ...(item.cause === null ? {} : { cause: without(item.cause, BLANK_CAUSE) }),
  });
}

/** Packed again, it is the very text that was stored. Reads whole documents as well. */
export function unpackItem(stored: string): WorkItem {
  const packed = JSON.parse(stored) as WorkItem;
  return {
    ...within(packed, BLANK_ITEM),
    metadata: within(packed.metadata, BLANK_METADATA),
    ...(packed.cause ? { cause: within(packed.cause, BLANK_CAUSE) } : {}),
  };
}

export function packEntry(entry: HistoryEntry): string {
  return JSON.stringify(without(entry, BLANK_ENTRY));
}

export function unpackEntry(stored: string): HistoryEntry {
  return within(JSON.parse(stored) as HistoryEntry, BLANK_ENTRY);
}

function without(whole: object, blank: object): object {
  const blanks = new Map(Object.entries(blank).map(([name, value]) => [name, text(value)]));
  return Object.fromEntries(
    Object.entries(whole).filter(([name, value]) => blanks.get(name) !== text(value)),
  );
}

/** The missing ones come last, so that the order of those that were stored stays. */
function within<Whole extends object>(packed: Whole, blank: object): Whole {
  const missing = Object.entries(blank).filter(([name]) => !Object.hasOwn(packed, name));
  return { ...packed, ...structuredClone(Object.fromEntries(missing)) };
}

/** Of an absent value: none, which no blank has. */
function text(value: unknown): string {
  return JSON.stringify(value) ?? "absent";
}
