import type { DeliveredIssue, DeliveredPullRequest } from "./gitea-bodies.js";

/** What the double keeps, all in memory. */

export interface DoubleIssue extends DeliveredIssue {
  readonly repo: string;
}

export interface DoubleComment {
  readonly id: number;
  readonly repo: string;
  readonly issue: number;
  readonly author: string;
  readonly body: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DoublePullRequest extends Omit<DeliveredPullRequest, "branchGone" | "mergeable"> {
  readonly repo: string;
  /** `checking`: until somebody looks at it. Absent: neither. */
  readonly conflict?: "checking" | "found" | null;
  /** What Gitea says when it isn't ready to be merged: approvals or checks are missing. */
  readonly notReady?: string | null;
}

export interface DoubleReview {
  readonly id: number;
  readonly reviewer: string;
  readonly state: "APPROVED" | "REQUEST_CHANGES" | "COMMENT" | "PENDING" | "REQUEST_REVIEW";
  readonly commit: string;
  readonly stale: boolean;
  readonly dismissed: boolean;
  readonly official: boolean;
  readonly at: string;
}

export interface DoubleStatus {
  readonly id: number;
  readonly context: string;
  readonly state: "pending" | "success" | "error" | "failure" | "warning" | "skipped";
  readonly description: string;
  readonly targetUrl: string;
  readonly at: string;
}

export interface DoubleRun {
  readonly id: number;
  /** Name of the workflow's file. */
  readonly file: string;
  readonly event: "push" | "pull_request";
  readonly branch: string;
  readonly status: "queued" | "in_progress" | "completed";
  /** Only of a completed one. */
  readonly conclusion: "success" | "failure" | "cancelled" | "skipped" | null;
}

/** A blocker, perhaps of another repository. */
export interface Dependency {
  readonly repo: string;
  readonly number: number;
}

export interface GiteaState {
  readonly repos: Set<string>;
  /** By `owner/name#number`. */
  readonly issues: Map<string, DoubleIssue>;
  readonly comments: DoubleComment[];
  readonly pulls: Map<string, DoublePullRequest>;
  readonly reviews: Map<string, DoubleReview[]>;
  /** By `owner/name@sha`. */
  readonly statuses: Map<string, DoubleStatus[]>;
  /** Actions by `owner/name@sha`. */
  readonly runs: Map<string, DoubleRun[]>;
  /** Repositories whose Actions are switched off. */
  readonly withoutActions: Set<string>;
  /** Repositories whose pull requests are switched off. */
  readonly withoutPulls: Set<string>;
  readonly dependencies: Map<string, Dependency[]>;
  /** Repositories whose dependencies are switched off. */
  readonly withoutDependencies: Set<string>;
  /** Heads of branches nobody else knows, by `owner/name:branch`. */
  readonly branches: Map<string, string>;
  /** Branches that were deleted, by `owner/name:branch`. */
  readonly deletedBranches: Set<string>;
  readonly reactions: { readonly comment: number; readonly content: string }[];
  /** Settles when the merges asked for so far are through. */
  merging: Promise<unknown>;
  /** Issues and pull requests of a repository share their numbers. */
  nextNumber(repo: string): number;
  nextId(): number;
  /** Gitea keeps whole seconds: two changes may carry the same time. */
  now(): string;
}

export function createGiteaState(clock: () => number): GiteaState {
  let id = 8_000;
  const state: GiteaState = {
    repos: new Set(),
    issues: new Map(),
    comments: [],
    pulls: new Map(),
    reviews: new Map(),
    statuses: new Map(),
    dependencies: new Map(),
    withoutDependencies: new Set(),
    branches: new Map(),
    deletedBranches: new Set(),
    runs: new Map(),
    withoutActions: new Set(),
    withoutPulls: new Set(),
    reactions: [],
    merging: Promise.resolve(),
    nextNumber: (repo) => {
      const used = [...state.issues.values(), ...state.pulls.values()]
        .filter((one) => one.repo === repo)
        .map(({ number }) => number);
      return Math.max(0, ...used) + 1;
    },
    nextId: () => ++id,
    now: () => new Date(clock()).toISOString().replace(/\.\d+Z$/, "Z"),
  };
  return state;
}

export function numbered(repo: string, number: number): string {
  return `${repo}#${number}`;
}
