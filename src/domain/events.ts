import type { TrackerName } from "./issue.js";

/**
 * What a delivery says, small and in our words; jobs carry it instead of the body.
 * `project` is the configured project's name. Times are the tracker's, ISO 8601.
 */
export type DomainEvent =
  | IssueEvent
  | CommentEvent
  | PushEvent
  | CommitChecked
  | PullRequestEvent
  | BranchDeleted;

export const ISSUE_ACTIONS = [
  "opened",
  "assigned",
  "edited",
  "unassigned",
  "closed",
  "reopened",
  "deleted",
] as const;
export type IssueAction = (typeof ISSUE_ACTIONS)[number];

interface Base {
  readonly project: string;
  readonly tracker: TrackerName;
}

/** Gitea's issues events, and Plane's creations and updates brought to the same actions. */
export interface IssueEvent extends Base {
  readonly kind: "issue";
  readonly action: IssueAction;
  /** Gitea: the number. Plane: `sequence_id`, for order only. */
  readonly number: number;
  /** Plane's work item id; null in Gitea. */
  readonly planeId: string | null;
  readonly title: string;
  readonly url: string | null;
  /** Is the bot among the assignees now? */
  readonly assigned: boolean;
  readonly open: boolean;
  readonly updatedAt: string;
}

/** Does it look, before anybody has read its issue, as if work started? */
export function looksLikeStart({ action, tracker, number, open, assigned }: IssueEvent): boolean {
  // Plane may leave the number out, which leaves nothing to compare with.
  if (!open || number === 0) return false;
  if (action === "assigned" || action === "reopened") return assigned;
  // A Plane project may start by creation alone.
  return action === "opened" && (assigned || tracker === "plane");
}

export interface CommentEvent extends Base {
  readonly kind: "comment";
  readonly commentId: string;
  /** Gitea: the issue's or pull request's number; Plane: null. */
  readonly number: number | null;
  readonly planeId: string | null;
  readonly onPullRequest: boolean;
  /** Login in Gitea; the first of e-mail and id in Plane is compared, so all names the author has. */
  readonly author: readonly string[];
  /** When it was written, as its tracker says, perhaps in whole seconds; absent: it doesn't say. */
  readonly at?: string | undefined;
  /** Plain text, at most 4,000 characters; Plane's HTML reduced. */
  readonly text: string;
}

/** A branch moved (never a tag). `after` is all zeros when it vanished. */
export interface PushEvent extends Base {
  readonly kind: "push";
  readonly branch: string;
  readonly before: string;
  readonly after: string;
}

/** A commit status, workflow run, or Forgejo action run said something of a commit. */
export interface CommitChecked extends Base {
  readonly kind: "checked";
  readonly commit: string;
  readonly context: string;
  readonly state: "pending" | "success" | "failure";
}

export interface PullRequestEvent extends Base {
  readonly kind: "pull-request";
  readonly action:
    | "opened"
    | "closed"
    | "merged"
    | "reopened"
    | "synchronized"
    | "approved"
    | "rejected"
    | "commented";
  readonly number: number;
  readonly branch: string;
}

export interface BranchDeleted extends Base {
  readonly kind: "branch-deleted";
  readonly branch: string;
}
