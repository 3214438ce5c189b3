import type { Delivery, Outbox } from "./delivery.js";
import type { Origin } from "./gitea-bodies.js";
import {
  type CommentAction,
  giteaIssue,
  giteaPullRequest,
  type IssueDeliveryAction,
  issueComment,
} from "./gitea-deliveries.js";
import {
  type DoubleComment,
  type DoubleIssue,
  type DoublePullRequest,
  type GiteaState,
  numbered,
} from "./gitea-state.js";
import { listeners } from "./listeners.js";

/** Where every change passes, whoever makes it: stored, told to listeners, sent as webhook. */
export interface GiteaDesk {
  readonly url: string;
  issue(
    sender: string,
    action: IssueDeliveryAction,
    issue: DoubleIssue,
    changes?: Readonly<Record<string, { readonly from: string }>>,
  ): void;
  comment(sender: string, action: CommentAction, comment: DoubleComment): void;
  pullRequest(
    sender: string,
    action: "opened" | "closed" | "reopened",
    pull: DoublePullRequest,
  ): void;
  send(delivery: Delivery): void;
  origin(repo: string, sender: string): Origin;
  onComment(listener: (comment: DoubleComment) => void): () => void;
  onPullRequest(listener: (pull: DoublePullRequest) => void): () => void;
  onState(listener: (issue: DoubleIssue) => void): () => void;
}

export function createGiteaDesk(parts: {
  readonly url: string;
  readonly state: GiteaState;
  readonly outbox: Outbox;
}): GiteaDesk {
  const { url, state, outbox } = parts;
  const comments = listeners<DoubleComment>();
  const pulls = listeners<DoublePullRequest>();
  const issues = listeners<DoubleIssue>();
  const origin = (repo: string, sender: string): Origin => ({ url, repo, sender });
  return {
    url,
    origin,
    send: (delivery) => outbox.push(delivery),
    issue: (sender, action, issue, changes) => {
      const key = numbered(issue.repo, issue.number);
      if (action === "deleted") state.issues.delete(key);
      else state.issues.set(key, issue);
      issues.tell(issue);
      outbox.push(giteaIssue(origin(issue.repo, sender), action, issue, changes));
    },
    comment: (sender, action, comment) => {
      const known = state.comments.findIndex(({ id }) => id === comment.id);
      if (action === "deleted") state.comments.splice(known, 1);
      else if (known === -1) state.comments.push(comment);
      else state.comments[known] = comment;
      if (action !== "deleted") comments.tell(comment);
      const on = commentedOn(state, comment);
      if (on === null) return;
      const body = { ...comment, at: comment.updatedAt };
      outbox.push(
        issueComment(origin(comment.repo, sender), on.issue, body, { action, isPull: on.isPull }),
      );
    },
    pullRequest: (sender, action, pull) => {
      state.pulls.set(numbered(pull.repo, pull.number), pull);
      pulls.tell(pull);
      outbox.push(giteaPullRequest(origin(pull.repo, sender), action, pull));
    },
    onComment: comments.add,
    onPullRequest: pulls.add,
    onState: issues.add,
  };
}

/** A pull request is an issue too, and shows as one in its comments' webhooks. */
function commentedOn(
  state: GiteaState,
  { repo, issue: number }: DoubleComment,
): { readonly issue: DoubleIssue; readonly isPull: boolean } | null {
  const issue = state.issues.get(numbered(repo, number));
  if (issue !== undefined) return { issue, isPull: false };
  const pull = state.pulls.get(numbered(repo, number));
  return pull === undefined ? null : { issue: issueOfPull(pull), isPull: true };
}

export function issueOfPull(pull: DoublePullRequest): DoubleIssue {
  return {
    repo: pull.repo,
    number: pull.number,
    title: pull.title,
    body: pull.body,
    author: pull.author,
    assignees: [],
    open: pull.open,
    createdAt: pull.at,
    updatedAt: pull.at,
    closedAt: null,
  };
}
