import type { IssueKey } from "../src/domain/issue.js";
import type { Pipeline } from "../src/domain/pipeline.js";
import type { SlotLimits } from "../src/engine/slots.js";
import type { ItemRecords } from "../tests/support/audit.js";

/** All that the auditor looks at, read once when nothing is under way any more. */
export interface Snapshot {
  /** By name, as items name theirs. */
  readonly pipelines: Readonly<Record<string, Pipeline>>;
  /** Developer runs of an item, unless an approver grants more. */
  readonly cap: number;
  /** How many agents may work at once. */
  readonly limits: SlotLimits;
  readonly bot: string;
  /** Whose word counts, as comments name their authors. */
  readonly approvers: readonly string[];
  /** Projects whose items the fleet merges. */
  readonly merging: readonly string[];
  readonly issues: readonly FiledIssue[];
  readonly deliveries: readonly SentDelivery[];
  /** Each time it was taken in that an issue was closed or the bot taken off it. */
  readonly endings: readonly HeardEnding[];
  readonly items: readonly ItemRecords[];
  /** Which item the store names for an issue. */
  readonly owners: Readonly<Record<IssueKey, string>>;
  readonly pullRequests: readonly SeenPullRequest[];
  /** On the base branch of each repository, oldest first. */
  readonly merges: readonly SeenMerge[];
  readonly comments: readonly SeenComment[];
  /** Where each issue stands on Plane's board. */
  readonly board: Readonly<Record<IssueKey, string>>;
  /** Commit of each branch of the remote. */
  readonly branches: Readonly<Record<string, string>>;
  /** Those of each branch of the remote, first to last, without what was merged into it. */
  readonly commits: Readonly<Record<string, readonly SeenCommit[]>>;
  /** How each item's fence on the remote moved, first to last. */
  readonly fences: Readonly<Record<string, readonly SeenFenceMove[]>>;
  /** Jobs that didn't complete. */
  readonly jobs: readonly SeenJob[];
  /** What is left of locks, slots and reserved budgets, a line each. */
  readonly held: readonly string[];
  /** Processes that work for the fleet and aren't of it, a line each. */
  readonly strangers: readonly string[];
  /** How often the reconciler brought to effect what was missed, by kind; not judged. */
  readonly recovered: Readonly<Record<string, number>>;
}

export interface FiledIssue {
  readonly key: IssueKey;
  /** How it may end; `never begun`: without an item. */
  readonly ends: readonly ("done" | "cancelled" | "never begun")[];
  /** Must be done before it starts. */
  readonly blockers: readonly IssueKey[];
  /** What the first, second … run of an agent is to do; past their end all is well. */
  readonly words: readonly string[];
}

export interface SentDelivery {
  readonly fingerprint: string;
  readonly event: string;
  /** The receiver said of one of its copies that it has taken it, and that there is work in it. */
  readonly acknowledged: boolean;
  /** State of its job; null: there is none. */
  readonly job: string | null;
}

export interface HeardEnding {
  readonly issue: IssueKey;
  /** When its job was taken for the last time, and when that was through, ms since epoch. */
  readonly takenAt: number;
  readonly heardAt: number;
  /** What followed, in the fleet's words. */
  readonly followed: string;
}

export interface SeenPullRequest {
  readonly number: number;
  readonly head: string;
  readonly merged: boolean;
}

export interface SeenMerge {
  readonly branch: string;
  /** The branch's commit that was merged. */
  readonly commit: string;
}

export interface SeenCommit {
  readonly commit: string;
  /** Whose work it is, by its own words; null: no run's. */
  readonly run: string | null;
}

export interface SeenFenceMove {
  readonly run: string;
  readonly event: "taken" | "pushed";
}

export interface SeenComment {
  readonly id: string;
  readonly issue: IssueKey;
  readonly author: string;
  readonly body: string;
}

export interface SeenJob {
  readonly queue: string;
  readonly id: string;
  readonly state: string;
  /** Why it failed; empty: it didn't. */
  readonly reason: string;
}
