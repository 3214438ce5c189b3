import type { GrantedBudget, OverBudget } from "./budget.js";
import type { IssueAddress } from "./issue.js";
import type { Metadata } from "./metadata.js";
import type { RunRecord, Usage } from "./run.js";
import type { Stage } from "./stage.js";
import type { TrackerState } from "./tracker-state.js";
import type { Sha, Verdict } from "./verdict.js";

export const ITEM_STATUSES = [
  "waiting",
  "running",
  "awaiting-approval",
  "needs-input",
  "failed",
  "blocked",
  "paused",
  "done",
  "cancelled",
] as const;
export type ItemStatus = (typeof ITEM_STATUSES)[number];

/** Why the next run of an agent happens; its prompt names it. */
export interface RunCause {
  readonly kind: "entered" | "gate-failed" | "rejected" | "answered" | "retried" | "rolled-back";
  /** One sentence. */
  readonly reason: string;
  /** The artifact the reason comes from, if any. */
  readonly artifact: string | null;
  /** Findings, conflict or output tail, as data. */
  readonly detail: string;
}

/** Recorded by a gate job, consumed by exactly one transition. */
export interface RecordedVerdict {
  readonly version: number;
  readonly trigger: Trigger;
  readonly verdict: Verdict;
}

/** What made a gate be evaluated. */
export type Trigger = "run" | "person" | "webhook";

export interface Approval {
  readonly by: string;
  readonly commit: Sha;
  readonly at: string;
}

/** Whoever asked in a comment for a gate to look; `version`: the item's at that time. */
export interface Asker {
  readonly comment: string;
  readonly name: string;
  readonly place?: IssueAddress | undefined;
  readonly version: number;
}

/** Something that people were told holds an item up, or would if it waited. */
export interface Hold {
  /** `stopped <issue> <status>`, `unread <issue>`, `missing <issue>`, `loop <issues>`. */
  readonly id: string;
  /** For the status; null: told, but it holds nothing up. */
  readonly reason: string | null;
}

/** One issue being carried. Plain data: the store keeps it as it is. */
export interface WorkItem {
  readonly id: string;
  readonly project: string;
  readonly issue: IssueAddress;
  /** Order among the ready: Gitea's issue number, Plane's sequence id. */
  readonly order: number;
  readonly title: string;
  readonly url: string | null;
  readonly branch: string;
  readonly pipeline: string;
  readonly stage: Stage;
  readonly status: ItemStatus;
  /** Why the status is what it is; a sentence. */
  readonly reason: string;
  /** Raised by every transition, cancellation and restart; jobs of an older version do nothing. */
  readonly version: number;
  readonly metadata: Metadata;
  /** The latest run of the current version; null before it started, and for versions without a run. */
  readonly run: RunRecord | null;
  /** Whether the current version launched an agent, so that evaluations wait for its end. */
  readonly expectsRun: boolean;
  /** Why the agent of this version runs. */
  readonly cause: RunCause | null;
  /** By evaluation. */
  readonly verdicts: Readonly<Record<string, RecordedVerdict>>;
  /** Evaluations of this version whose verdict was acted on, so that none acts twice. */
  readonly consumed: readonly string[];
  /** Ids of comments and other deliveries that acted on this item: each acts once, ever. */
  readonly heard: readonly string[];
  /** The analyst asked people something; an answer starts it again. */
  readonly questionsOpen: boolean;
  readonly approvalRequested: Sha | null;
  readonly approval: Approval | null;
  /** Who asked for an evaluation whose verdict isn't acted on yet, by evaluation. */
  readonly askers?: Readonly<Record<string, Asker>>;
  /** Protected paths that an approver lets the agent of this version change. */
  readonly allowedPaths: readonly string[];
  /** The branch head when the current stage was entered; null before the branch exists. */
  readonly stageCommit: Sha | null;
  /** The branch head as last seen. */
  readonly head: Sha | null;
  readonly developerRuns: number;
  /** Runs granted beyond the cap by approvers. */
  readonly grantedRuns: number;
  /** Gate failures already told, so that each is reported once. */
  readonly reported: string | null;
  readonly usage: Usage;
  readonly costUsd: number;
  /** What approvers added to its budget; absent: nothing. */
  readonly grantedBudget?: GrantedBudget;
  /** Which limit last held one of its runs back; absent: none did. */
  readonly overBudget?: OverBudget;
  /** What people were told holds it up; absent: nothing. */
  readonly holds?: readonly Hold[];
  /** How often that changed. */
  readonly holdChanges?: number;
  /** Where a board is to show it; absent: nobody was told yet. */
  readonly trackerState?: TrackerState;
  /** Of its branch, once one was opened. */
  readonly pullRequest?: { readonly number: number; readonly url: string };
  /** Its issue was closed while it was under way; Plane doesn't say that such a one is opened again. */
  readonly closed?: true;
  /** The tracker's `updated_at` of what we know of the issue. */
  readonly issueUpdatedAt: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function isFinished(item: Pick<WorkItem, "status">): boolean {
  return item.status === "done" || item.status === "cancelled";
}

/** Does an agent work, or wait to work, on this version? Other evaluations wait for its end. */
export function hasPendingRun(item: WorkItem): boolean {
  return item.expectsRun && item.run?.ending !== "succeeded";
}

/** Does the version wait for its agent, with no agent at work? One that was interrupted waits again. */
export function awaitsStart(item: WorkItem): boolean {
  const between = item.run === null || item.run.ending !== null;
  return hasPendingRun(item) && between && (item.status === "waiting" || item.status === "paused");
}

export const HISTORY_KINDS = [
  "started",
  "transition",
  "verdict",
  "run",
  "command",
  "comment",
  "recovered",
  "edited",
] as const;
export type HistoryKind = (typeof HISTORY_KINDS)[number];

/** An entry of an item's history, as `/api/items/:id` shows it. */
export interface HistoryEntry {
  readonly at: string;
  readonly kind: HistoryKind;
  readonly from: Stage | null;
  readonly to: Stage | null;
  /** What caused it: `run ET-001-v3-a1`, `comment 812 by alice`, `delivery gitea:…`. */
  readonly cause: string;
  readonly gate: string | null;
  readonly passed: boolean | null;
  readonly reason: string;
  readonly evidence: string;
  readonly commit: Sha | null;
}
