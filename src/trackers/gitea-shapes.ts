import { z } from "zod";

/** Gitea's answers, only the fields we use: the rest may come and go. */

const user = z.object({ login: z.string() });

export const issueShape = z.object({
  number: z.number().int(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string().nullish(),
  state: z.enum(["open", "closed"]),
  assignee: user.nullish(),
  assignees: z.array(user).nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string(),
});
export type GiteaIssue = z.infer<typeof issueShape>;

export const blockerShape = z.object({
  number: z.number().int(),
  repository: z.object({ full_name: z.string() }).nullish(),
});

/** The author of a comment is null once the account is gone. */
export const commentShape = z.object({
  id: z.number().int(),
  body: z.string(),
  user: user.nullish(),
});

/** Of a whole repository: exactly one of the addresses is set, whose end is the number. */
export const repositoryCommentShape = commentShape.extend({
  issue_url: z.string().nullish(),
  pull_request_url: z.string().nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
export type GiteaRepositoryComment = z.infer<typeof repositoryCommentShape>;

export const branchShape = z.object({ commit: z.object({ id: z.string() }) });

export const hookShape = z.object({
  active: z.boolean(),
  config: z.object({ url: z.string().nullish() }).nullish(),
  events: z.array(z.string()).nullish(),
});

const side = z.object({
  /** `refs/pull/N/head` once the branch is gone. */
  ref: z.string(),
  /** Keeps the branch's name; `owner:branch` on some servers. */
  label: z.string().nullish(),
  sha: z.string(),
  repo_id: z.number().int().optional(),
  /** Null: the fork is gone. */
  repo: z.object({ full_name: z.string() }).nullish(),
});

export const pullRequestShape = z.object({
  number: z.number().int(),
  html_url: z.string(),
  state: z.string(),
  merged: z.boolean().nullish(),
  /** False: a conflict, marked as work in progress, or not yet checked for conflicts. */
  mergeable: z.boolean().nullish(),
  head: side,
  base: z.object({ repo_id: z.number().int().optional() }),
});
export type GiteaPullRequest = z.infer<typeof pullRequestShape>;

export const reviewShape = z.object({
  id: z.number().int(),
  state: z.string(),
  user: user.nullish(),
  commit_id: z.string(),
  stale: z.boolean().optional(),
  dismissed: z.boolean().optional(),
  /** False: the reviewer may not write to the repository, and Gitea doesn't count the review. */
  official: z.boolean().optional(),
  submitted_at: z.string().optional(),
});
export type GiteaReview = z.infer<typeof reviewShape>;

/** Gitea takes `state` and answers `status`. */
export const statusShape = z.object({
  id: z.number().int(),
  context: z.string(),
  status: z.enum(["pending", "success", "error", "failure", "warning", "skipped"]),
});

/** Gitea names a run's file in `path` (`ci.yml@refs/heads/main`), Forgejo in `workflow_id`. */
export const workflowRunsShape = z.object({
  workflow_runs: z
    .array(
      z.object({
        id: z.number().int(),
        event: z.string().nullish(),
        path: z.string().nullish(),
        workflow_id: z.string().nullish(),
        head_sha: z.string().nullish(),
        commit_sha: z.string().nullish(),
        status: z.string().nullish(),
        conclusion: z.string().nullish(),
      }),
    )
    .nullish(),
});
export type GiteaWorkflowRun = NonNullable<
  z.infer<typeof workflowRunsShape>["workflow_runs"]
>[number];
