import type { OpenPullRequest, PullRequest } from "../engine/tracker.js";
import { everyPage, firstPages, listOf } from "./gitea-pages.js";
import { isStatus, repoPath } from "./gitea-paths.js";
import { type GiteaPullRequest, pullRequestShape } from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import { type HttpClient, segment } from "./http-client.js";

/** 1,000 pull requests of a usual server. Closed ones only grow, so that list needs an end of its own. */
const PAGES_OF_ALL = 20;

/** There is no filter by head, so all open ones are looked through. */
export async function pullRequestOf(
  http: HttpClient,
  repo: string,
  branch: string,
): Promise<OpenPullRequest | null> {
  const open = await everyPage(http, `${repoPath(repo)}/pulls`, pullRequestShape, "state=open&");
  const own = open.find((pull) => isOwn(pull, repo, branch));
  return own === undefined ? null : openPullRequestOf(own);
}

export async function pullRequestsOf(
  http: HttpClient,
  repo: string,
  branch: string,
): Promise<PullRequest[]> {
  const list = {
    path: `${repoPath(repo)}/pulls`,
    query: "state=all&",
    read: listOf(pullRequestShape),
  };
  return (await firstPages(http, list, PAGES_OF_ALL))
    .filter((pull) => isOwn(pull, repo, branch))
    .sort((one, other) => other.number - one.number)
    .map((pull) => pullRequestOfRepo(pull, repo));
}

export async function pullRequest(
  http: HttpClient,
  repo: string,
  number: number,
): Promise<PullRequest | null> {
  const pull = await readPull(http, repo, number);
  return pull === null ? null : pullRequestOfRepo(pull, repo);
}

/** As Gitea has it; null: there is none. */
export async function readPull(
  http: HttpClient,
  repo: string,
  number: number,
): Promise<GiteaPullRequest | null> {
  try {
    const path = `${repoPath(repo)}/pulls/${segment(number)}`;
    const { body } = await http({ method: "GET", path });
    return expectShape(pullRequestShape, body, "Gitea's pull request");
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

export function openPullRequestOf({ number, html_url, head }: GiteaPullRequest): OpenPullRequest {
  return { number, url: html_url, head: head.sha };
}

function pullRequestOfRepo(pull: GiteaPullRequest, repo: string): PullRequest {
  return {
    ...openPullRequestOf(pull),
    branch: branchOf(pull.head),
    open: pull.state === "open",
    merged: pull.merged ?? false,
    fromFork: !isSameRepo(pull, repo),
  };
}

/** No branch's name has a colon, so what stands before one is the fork's owner. */
function branchOf({ ref, label }: GiteaPullRequest["head"]): string {
  if (!label || !ref.startsWith("refs/pull/")) return ref;
  return label.slice(label.lastIndexOf(":") + 1);
}

/** A fork may carry a branch of the same name, and must not pass for ours. */
function isOwn(pull: GiteaPullRequest, repo: string, branch: string): boolean {
  return branchOf(pull.head) === branch && isSameRepo(pull, repo);
}

function isSameRepo({ head, base }: GiteaPullRequest, repo: string): boolean {
  if (head.repo === null) return false;
  if (head.repo_id !== undefined && base.repo_id !== undefined)
    return head.repo_id === base.repo_id;
  return head.repo === undefined || head.repo.full_name.toLowerCase() === repo.toLowerCase();
}
