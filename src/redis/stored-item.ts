import type { IssueAddress } from "../domain/issue.js";
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
  allowedPaths: [],
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

/** An item as it is stored: without what it has as a blank one has it, and when it changed if it never did. */
export function packItem(item: WorkItem): string {
  return JSON.stringify({
    ...without(item, blankOf(item)),
    issue: packIssue(item.issue),
    metadata: without(item.metadata, BLANK_METADATA),
    ...(item.cause === null ? {} : { cause: without(item.cause, BLANK_CAUSE) }),
  });
}

/** Reads whole documents as well. */
export function unpackItem(stored: string): WorkItem {
  const packed = JSON.parse(stored);
  const issue = unpackIssue(packed.issue);
  return {
    ...within({ ...packed, issue }, blankOf({ ...packed, issue })),
    metadata: within(packed.metadata, BLANK_METADATA),
    ...(packed.cause ? { cause: within(packed.cause, BLANK_CAUSE) } : {}),
  };
}

/** What an item usually has, as far as its other fields say it. */
function blankOf({ issue, createdAt }: Pick<WorkItem, "issue" | "createdAt">): Partial<WorkItem> {
  const order = issue.tracker === "gitea" ? { order: issue.number } : {};
  return { ...BLANK_ITEM, ...order, updatedAt: createdAt };
}

/** A forge's issue as people write it, any other one whole. */
function packIssue(issue: IssueAddress): IssueAddress | string {
  return issue.tracker === "gitea" ? `${issue.repo}#${issue.number}` : issue;
}

function unpackIssue(stored: IssueAddress | string): IssueAddress {
  if (typeof stored !== "string") return stored;
  const [repo = "", number] = stored.split("#");
  return { tracker: "gitea", repo, number: Number(number) };
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

function within<Whole extends object>(packed: Whole, blank: object): Whole {
  const missing = Object.entries(blank).filter(([name]) => !Object.hasOwn(packed, name));
  return { ...packed, ...structuredClone(Object.fromEntries(missing)) };
}

/** Of an absent value: none, which no blank has. */
function text(value: unknown): string {
  return JSON.stringify(value) ?? "absent";
}
