import type { TrackerState } from "../domain/effect.js";
import type { IssueAddress, TrackerName } from "../domain/issue.js";
import type { IssueReference } from "../domain/metadata.js";
import type { Sha } from "../domain/verdict.js";

/** An issue as its tracker has it now. */
export interface TrackerIssue {
  readonly address: IssueAddress;
  /** Gitea: the number; Plane: the sequence id. */
  readonly order: number;
  readonly title: string;
  /** Markdown, or text reduced from HTML. */
  readonly text: string;
  readonly url: string | null;
  readonly open: boolean;
  /** Is the bot among the assignees? */
  readonly assigned: boolean;
  readonly updatedAt: string;
}

/**
 * What the fleet asks of a tracker. Every call has an upper bound in time.
 * @throws TrackerError for every answer that isn't the expected one; never a silent default.
 */
export interface Tracker {
  readonly name: TrackerName;
  /** Null: there is no such issue (any more). */
  readIssue(address: IssueAddress): Promise<TrackerIssue | null>;
  /** Posts a Markdown comment once for `effect`: looks for it before it posts again. */
  comment(address: IssueAddress, effect: string, markdown: string): Promise<void>;
  /** Creates or edits the item's one status comment; in Plane, which edits none, does nothing. */
  putStatusComment(address: IssueAddress, item: string, markdown: string): Promise<void>;
  /** Moves the issue on its board by the state's configured name; in Gitea, which has none, does nothing. */
  setState(address: IssueAddress, state: TrackerState): Promise<void>;
  /** The tracker's own dependencies: what blocks this issue. Off or unknown: none. */
  blockers(address: IssueAddress): Promise<readonly IssueReference[]>;
}

export interface OpenPullRequest {
  readonly number: number;
  readonly url: string;
  readonly head: Sha;
}

export interface Review {
  readonly reviewer: string;
  readonly state: "approved" | "changes-requested" | "commented";
  readonly commit: Sha;
  readonly stale: boolean;
  readonly dismissed: boolean;
  readonly at: string;
}

/** What gates and delivery ask of a forge. Same bounds and errors as Tracker. */
export interface Forge {
  /** The open pull request of a branch; null: none. */
  pullRequestOf(repo: string, branch: string): Promise<OpenPullRequest | null>;
  /** Opens one, or returns the one that is open. */
  openPullRequest(request: {
    readonly repo: string;
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<OpenPullRequest>;
  reviews(repo: string, pullRequest: number): Promise<readonly Review[]>;
  /** The latest state of each context on a commit, all pages. */
  statuses(
    repo: string,
    commit: Sha,
  ): Promise<ReadonlyMap<string, "pending" | "success" | "failure">>;
}

/** `retryable`: asking again later may help. `retryAfterMs`: not before that, in ms. */
export class TrackerError extends Error {
  readonly code:
    | "tracker-unavailable"
    | "tracker-refused"
    | "tracker-rate-limited"
    | "tracker-unexpected";
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly status: number | null;

  constructor(
    code: TrackerError["code"],
    message: string,
    options: { retryable: boolean; retryAfterMs?: number; status?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = "TrackerError";
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.status = options.status ?? null;
  }
}
