import type { Forge, OpenPullRequest, Review } from "../engine/tracker.js";
import { everyPage } from "./gitea-pages.js";
import { isStatus, repoPath } from "./gitea-paths.js";
import {
  type GiteaPullRequest,
  type GiteaReview,
  pullRequestShape,
  reviewShape,
  statusShape,
} from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import { type HttpClient, segment } from "./http-client.js";

export function createGiteaForge(http: HttpClient): Forge {
  return {
    pullRequestOf: (repo, branch) => pullRequestOf(http, repo, branch),
    openPullRequest: (request) => openPullRequest(http, request),
    reviews: (repo, pullRequest) => reviews(http, repo, pullRequest),
    statuses: (repo, commit) => statuses(http, repo, commit),
  };
}

/** There is no filter by head, so all open ones are looked through. */
async function pullRequestOf(
  http: HttpClient,
  repo: string,
  branch: string,
): Promise<OpenPullRequest | null> {
  const path = `${repoPath(repo)}/pulls`;
  const open = await everyPage(http, path, pullRequestShape, "state=open&");
  const own = open.find(({ head, base }) => head.ref === branch && isSameRepo(repo, head, base));
  return own === undefined ? null : openPullRequestOf(own);
}

/** A fork may carry a branch of the same name, and must not pass for ours. */
function isSameRepo(
  repo: string,
  head: GiteaPullRequest["head"],
  base: GiteaPullRequest["base"],
): boolean {
  if (head.repo === null) return false;
  if (head.repo_id !== undefined && base.repo_id !== undefined)
    return head.repo_id === base.repo_id;
  return head.repo === undefined || head.repo.full_name.toLowerCase() === repo.toLowerCase();
}

async function openPullRequest(
  http: HttpClient,
  { repo, ...body }: Parameters<Forge["openPullRequest"]>[0],
): Promise<OpenPullRequest> {
  try {
    const answer = await http({ method: "POST", path: `${repoPath(repo)}/pulls`, body });
    return openPullRequestOf(expectShape(pullRequestShape, answer.body, "Gitea's pull request"));
  } catch (error) {
    if (!isStatus(error, 409)) throw error;
    const open = await pullRequestOf(http, repo, body.head);
    if (open === null) throw error;
    return open;
  }
}

function openPullRequestOf({ number, html_url, head }: GiteaPullRequest): OpenPullRequest {
  return { number, url: html_url, head: head.sha };
}

async function reviews(http: HttpClient, repo: string, pullRequest: number): Promise<Review[]> {
  const path = `${repoPath(repo)}/pulls/${segment(pullRequest)}/reviews`;
  const all = await everyPage(http, path, reviewShape);
  return all.sort((one, other) => one.id - other.id).flatMap(reviewOf);
}

/** Drafts and requests for review aren't reviews. */
function reviewOf(review: GiteaReview): Review[] {
  const state = reviewState(review);
  if (state === null) return [];
  return [
    {
      reviewer: review.user?.login ?? "",
      state,
      commit: review.commit_id,
      stale: review.stale ?? false,
      dismissed: review.dismissed ?? false,
      at: review.submitted_at ?? "",
    },
  ];
}

/** Like Gitea, doesn't count the verdict of someone who may not write to the repository. */
function reviewState({ state, official }: GiteaReview): Review["state"] | null {
  switch (state) {
    case "APPROVED":
      return official === false ? "commented" : "approved";
    case "REQUEST_CHANGES":
      return official === false ? "commented" : "changes-requested";
    case "COMMENT":
      return "commented";
    default:
      return null;
  }
}

/**
 * Reads the list, not the combined status, which Gitea computes over one page. Only `success` is
 * success: a check that was skipped, or passed with a warning, has not shown what the gate asks.
 */
async function statuses(
  http: HttpClient,
  repo: string,
  commit: string,
): ReturnType<Forge["statuses"]> {
  const path = `${repoPath(repo)}/commits/${segment(commit)}/statuses`;
  const all = await everyPage(http, path, statusShape);
  const latest = new Map<string, "pending" | "success" | "failure">();
  for (const { context, status } of all.sort((one, other) => one.id - other.id)) {
    latest.set(context, status === "pending" || status === "success" ? status : "failure");
  }
  return latest;
}
