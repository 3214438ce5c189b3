import { giteaIssueKey, type IssueKey, issueKey } from "../../src/domain/issue.js";
import { DEFAULT_METADATA } from "../../src/domain/metadata.js";
import { NO_USAGE, type RunRecord } from "../../src/domain/run.js";
import type { HistoryEntry, WorkItem } from "../../src/domain/work-item.js";
import type { ReadWorkItems } from "../../src/engine/work-items.js";

export interface KeptItem {
  readonly item: WorkItem;
  readonly waitingOn?: readonly IssueKey[];
  readonly history?: readonly HistoryEntry[];
  readonly runs?: readonly RunRecord[];
}

/** The reading side of the store, newest item last in `kept`. Its cursor is an offset. */
export function memoryWorkItems(kept: readonly KeptItem[]): ReadWorkItems {
  const of = (id: string) => kept.find(({ item }) => item.id === id);
  const idWhere = (fits: (item: WorkItem) => boolean) =>
    Promise.resolve(kept.find(({ item }) => fits(item))?.item.id ?? null);
  return {
    find: async (id) => of(id)?.item ?? null,
    ofIssue: (key) => idWhere((item) => issueKey(item.issue) === key),
    ofBranch: (project, branch) =>
      idWhere((item) => item.project === project && item.branch === branch),
    ofCommit: (commit) => idWhere((item) => item.head === commit),
    async list({ limit, cursor }) {
      const newestFirst = kept.map(({ item }) => item).reverse();
      const from = Number(cursor ?? 0);
      if (!Number.isSafeInteger(from)) throw new RangeError(`not a cursor: ${cursor}`);
      const next = from + limit < newestFirst.length ? String(from + limit) : null;
      return { items: newestFirst.slice(from, from + limit), next };
    },
    history: async (id) => of(id)?.history ?? [],
    runs: async (id) => of(id)?.runs ?? [],
    waitingOn: async (id) => of(id)?.waitingOn ?? [],
  };
}

/** An item of acme/rocket; `number` makes its id, issue and title. */
export function sampleItem(number: number, change: Partial<WorkItem> = {}): WorkItem {
  return {
    id: `ET-${String(number).padStart(3, "0")}`,
    project: "rocket",
    issue: { tracker: "gitea", repo: "acme/rocket", number },
    order: number,
    title: `Task ${number}`,
    url: `https://git.acme.dev/acme/rocket/issues/${number}`,
    branch: `feature/ET-${String(number).padStart(3, "0")}-task-${number}`,
    pipeline: "full",
    stage: "development",
    status: "running",
    reason: "the developer is at work",
    version: 3,
    metadata: DEFAULT_METADATA,
    run: null,
    expectsRun: true,
    cause: null,
    verdicts: {},
    questionsOpen: false,
    approvalRequested: null,
    approval: null,
    stageCommit: null,
    head: null,
    developerRuns: 1,
    grantedRuns: 0,
    allowedPaths: [],
    reported: null,
    consumed: [],
    heard: [],
    usage: { inputTokens: 1200, outputTokens: 340 },
    costUsd: 0.0087,
    issueUpdatedAt: "2026-03-01T09:00:00Z",
    createdAt: "2026-03-01T09:00:00.000Z",
    updatedAt: "2026-03-01T09:30:00.000Z",
    ...change,
  };
}

export function sampleKey(number: number): IssueKey {
  return giteaIssueKey("acme/rocket", number);
}

export function sampleRun(item: string, change: Partial<RunRecord> = {}): RunRecord {
  return {
    id: `${item}-v3-a1`,
    version: 3,
    stage: "development",
    role: "developer",
    attempt: 1,
    ending: "succeeded",
    reason: "",
    model: "claude-sonnet",
    startedAt: "2026-03-01T09:10:00.000Z",
    finishedAt: "2026-03-01T09:14:12.000Z",
    usage: NO_USAGE,
    costUsd: 0,
    commitBefore: "a".repeat(40),
    commitAfter: "b".repeat(40),
    wrote: [],
    ...change,
  };
}

export function sampleEntry(change: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    at: "2026-03-01T09:14:13.000Z",
    kind: "transition",
    from: "development",
    to: "review",
    cause: "run ET-001-v3-a1",
    gate: null,
    passed: null,
    reason: "tests passed",
    evidence: "",
    commit: "b".repeat(40),
    ...change,
  };
}
