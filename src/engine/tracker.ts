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

/** Where a project's issues are. */
export type TrackerPlace =
  | { readonly tracker: "gitea"; readonly repo: string }
  | { readonly tracker: "plane"; readonly workspace: string; readonly project: string };

export interface ListedIssue extends TrackerIssue {
  readonly createdAt: string;
}

export interface ListedComment {
  readonly id: string;
  /** The issue, or in Gitea the pull request, it stands on. */
  readonly on: IssueAddress;
  readonly onPullRequest: boolean;
  /** All names that are known of its author, as of CommentEvent. */
  readonly author: readonly string[];
  /** The fleet wrote it. */
  readonly own: boolean;
  readonly text: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Its first text isn't known any more. */
  readonly edited: boolean;
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
  /**
   * Answers a comment with a sign. False: the tracker has none to give here, so answer in words.
   * True of a comment that is gone: there is nothing left to answer.
   */
  react(address: IssueAddress, comment: string, reaction: Reaction): Promise<boolean>;
  /**
   * Closes the issue; closed already is fine. In Plane, where the state says it, does nothing.
   * @throws TrackerError, not worth another try, while issues that block it are open.
   */
  closeIssue(address: IssueAddress): Promise<void>;
  /**
   * Open issues, a page at a time; in Gitea those that the bot is assigned to, in Plane, which has no
   * such filter, all.
   */
  openIssues(place: TrackerPlace): AsyncIterable<readonly ListedIssue[]>;
  /**
   * Comments that were written or changed since then, in pages: of all issues and pull requests of a
   * repository, or in Plane, which lists those of one work item only, of these.
   */
  commentsSince(
    place: TrackerPlace,
    since: string,
    issues: readonly IssueAddress[],
  ): AsyncIterable<readonly ListedComment[]>;
}

/** `seen`: heard and acted on. `looking`: heard; one of the others follows. `refused`: not done. */
export type Reaction = "seen" | "looking" | "refused";

export interface OpenPullRequest {
  readonly number: number;
  readonly url: string;
  readonly head: Sha;
}

export interface PullRequest extends OpenPullRequest {
  /** Name of its head, kept when the branch is gone. */
  readonly branch: string;
  readonly open: boolean;
  readonly merged: boolean;
  /** Its head is in another repository, perhaps one that is gone: a branch of that name isn't ours. */
  readonly fromFork: boolean;
}

/** `refused`: asking again helps only after somebody did something; the reason says what. */
export type MergeOutcome =
  | { readonly kind: "merged" }
  | { readonly kind: "refused"; readonly reason: string };

export type CheckState = "pending" | "success" | "failure";

export interface Review {
  readonly reviewer: string;
  readonly state: "approved" | "changes-requested" | "commented";
  readonly commit: Sha;
  readonly stale: boolean;
  readonly dismissed: boolean;
  readonly at: string;
}

/** A webhook as its repository has it. */
export interface RepositoryHook {
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
}

/** What gates and delivery ask of a forge. Same bounds and errors as Tracker. */
export interface Forge {
  /** Is there a branch of this name in the repository itself? */
  hasBranch(repo: string, branch: string): Promise<boolean>;
  /** Null: there is no such branch in the repository itself. */
  headOf(repo: string, branch: string): Promise<Sha | null>;
  /** Null: the token may not see them. */
  hooks(repo: string): Promise<readonly RepositoryHook[] | null>;
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
  /** Null: there is no such pull request. */
  pullRequest(repo: string, number: number): Promise<PullRequest | null>;
  /**
   * Those opened from a branch of the repository itself, newest first, closed and merged ones too.
   * Looks through its newest 20 pages, as a rule 1,000 pull requests.
   */
  pullRequestsOf(repo: string, branch: string): Promise<readonly PullRequest[]>;
  /** Merges if `head` is still its head; merged already is merged. */
  merge(repo: string, number: number, head: Sha): Promise<MergeOutcome>;
  reviews(repo: string, pullRequest: number): Promise<readonly Review[]>;
  /**
   * The latest state of each context on a commit, all pages, and the forge's own workflow runs of
   * that commit under the name of their file (`ci.yml`). A context of the same name wins.
   */
  checks(repo: string, commit: Sha): Promise<ReadonlyMap<string, CheckState>>;
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
  /** What the server itself said, without the token; null: nothing. */
  readonly detail: string | null;

  constructor(
    code: TrackerError["code"],
    message: string,
    options: {
      retryable: boolean;
      retryAfterMs?: number;
      status?: number;
      detail?: string;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.name = "TrackerError";
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.status = options.status ?? null;
    this.detail = options.detail ?? null;
  }
}
