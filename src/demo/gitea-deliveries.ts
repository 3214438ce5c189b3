import { randomUUID } from "node:crypto";
import type { Delivery } from "./delivery.js";
import {
  type DeliveredIssue,
  type DeliveredPullRequest,
  issueBody,
  type Origin,
  pullRequestBody,
  repositoryBody,
  userBody,
} from "./gitea-bodies.js";

/** Bodies as Gitea sends them, with the fields receivers may look at. */

export type IssueDeliveryAction =
  | "opened"
  | "assigned"
  | "unassigned"
  | "edited"
  | "closed"
  | "reopened"
  | "deleted";

/** `issues`; an assignment has a type of its own, and no top-level assignee. */
export function giteaIssue(
  origin: Origin,
  action: IssueDeliveryAction,
  issue: DeliveredIssue,
  changes?: Readonly<Record<string, { readonly from: string }>>,
): Delivery {
  const assignment = action === "assigned" || action === "unassigned";
  return giteaDelivery("issues", assignment ? "issue_assign" : "issues", {
    action,
    number: issue.number,
    ...(changes === undefined ? {} : { changes }),
    issue: issueBody(origin, issue),
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
    commit_id: "",
  });
}

export function issueAssigned(origin: Origin, issue: DeliveredIssue): Delivery {
  return giteaIssue(origin, "assigned", issue);
}

export type CommentAction = "created" | "edited" | "deleted";

export interface DeliveredComment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
  readonly at: string;
}

/** `issue_comment`; on a pull request with a type of its own. */
export function issueComment(
  origin: Origin,
  issue: DeliveredIssue,
  comment: DeliveredComment,
  options: { readonly action?: CommentAction; readonly isPull?: boolean } = {},
): Delivery {
  const isPull = options.isPull ?? false;
  return giteaDelivery("issue_comment", isPull ? "pull_request_comment" : "issue_comment", {
    action: options.action ?? "created",
    issue: issueBody(origin, issue, isPull),
    comment: {
      id: comment.id,
      html_url: `${origin.url}/${origin.repo}/issues/${issue.number}#issuecomment-${comment.id}`,
      user: userBody(comment.author),
      body: comment.body,
      created_at: comment.at,
      updated_at: comment.at,
    },
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
    is_pull: isPull,
  });
}

/** `pull_request`; merged is `closed` with `merged: true`. */
export function giteaPullRequest(
  origin: Origin,
  action: "opened" | "closed" | "reopened",
  pull: DeliveredPullRequest,
): Delivery {
  return giteaDelivery("pull_request", "pull_request", {
    action,
    number: pull.number,
    pull_request: pullRequestBody(origin, pull),
    requested_reviewer: null,
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
    commit_id: "",
    review: null,
  });
}

/** A review has neither id nor commit here; it must be fetched. */
export function giteaReview(
  origin: Origin,
  pull: DeliveredPullRequest,
  review: { readonly verdict: "approved" | "rejected" | "comment"; readonly content: string },
): Delivery {
  const type = `pull_request_review_${review.verdict}`;
  return giteaDelivery(`pull_request_${review.verdict}`, type, {
    action: "reviewed",
    number: pull.number,
    pull_request: pullRequestBody(origin, pull),
    requested_reviewer: null,
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
    commit_id: "",
    review: { type, content: review.content },
  });
}

export function giteaStatus(
  origin: Origin,
  status: {
    readonly id: number;
    readonly sha: string;
    readonly context: string;
    readonly state: string;
    readonly description: string;
    readonly targetUrl: string;
    readonly at: string;
  },
): Delivery {
  return giteaDelivery("status", "status", {
    commit: {
      id: status.sha,
      message: "",
      url: `${origin.url}/${origin.repo}/commit/${status.sha}`,
    },
    context: status.context,
    created_at: status.at,
    description: status.description,
    id: status.id,
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
    sha: status.sha,
    state: status.state,
    target_url: status.targetUrl,
    updated_at: status.at,
  });
}

/** A push of a branch; 40 zeros before: it is new. */
export function giteaPush(
  origin: Origin,
  push: { readonly branch: string; readonly before: string; readonly after: string },
): Delivery {
  return giteaDelivery("push", "push", {
    ref: `refs/heads/${push.branch}`,
    before: push.before,
    after: push.after,
    compare_url: `${origin.url}/${origin.repo}/compare/${push.before}...${push.after}`,
    commits: [],
    total_commits: 1,
    head_commit: null,
    repository: repositoryBody(origin),
    pusher: userBody(origin.sender),
    sender: userBody(origin.sender),
  });
}

/** Of a branch; a push isn't sent. */
export function giteaBranchDeleted(origin: Origin, branch: string): Delivery {
  return giteaDelivery("delete", "delete", {
    ref: branch,
    ref_type: "branch",
    pusher_type: "user",
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
  });
}

export interface DeliveredRun {
  readonly id: number;
  readonly file: string;
  readonly event: string;
  readonly sha: string;
  readonly branch: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
}

/** Runs of pull requests name no branch. */
export function workflowRunBody({ url, repo }: Pick<Origin, "url" | "repo">, run: DeliveredRun) {
  const ofBranch = run.event === "push";
  return {
    id: run.id,
    url: `${url}/api/v1/repos/${repo}/actions/runs/${run.id}`,
    html_url: `${url}/${repo}/actions/runs/${run.id}`,
    display_title: run.file,
    path: `${run.file}@${ofBranch ? `refs/heads/${run.branch}` : "refs/pull/1/head"}`,
    event: run.event,
    run_attempt: 0,
    run_number: run.id,
    head_sha: run.sha,
    ...(ofBranch ? { head_branch: run.branch } : {}),
    status: run.status,
    ...(run.conclusion === null ? {} : { conclusion: run.conclusion }),
  };
}

const RUN_ACTIONS = {
  queued: "requested",
  in_progress: "in_progress",
  completed: "completed",
} as const;

export function giteaWorkflowRun(origin: Origin, run: DeliveredRun): Delivery {
  return giteaDelivery("workflow_run", "workflow_run", {
    action: RUN_ACTIONS[run.status],
    workflow: { id: run.file, name: run.file, path: `.gitea/workflows/${run.file}` },
    workflow_run: workflowRunBody(origin, run),
    repository: repositoryBody(origin),
    sender: userBody(origin.sender),
  });
}

function giteaDelivery(event: string, type: string, body: unknown): Delivery {
  const id = randomUUID();
  const headers: Record<string, string> = {
    "User-Agent": "Go-http-client/1.1",
    "Content-Type": "application/json",
    "X-Gitea-Hook-Installation-Target-Type": "repository",
    "X-GitHub-Hook-Installation-Target-Type": "repository",
  };
  for (const sender of ["Gitea", "Gogs", "GitHub"]) {
    headers[`X-${sender}-Delivery`] = id;
    headers[`X-${sender}-Event`] = event;
    headers[`X-${sender}-Event-Type`] = type;
  }
  return { body: JSON.stringify(body, null, 2), headers };
}
