import type { Sha } from "../domain/verdict.js";
import type { Forge, OpenPullRequest, RepositoryHook } from "../engine/tracker.js";
import { checks } from "./gitea-checks.js";
import { mergePullRequest } from "./gitea-merge.js";
import { everyPage } from "./gitea-pages.js";
import { isStatus, repoPath } from "./gitea-paths.js";
import { openPullRequestOf, pullRequest, pullRequestOf, pullRequestsOf } from "./gitea-pulls.js";
import { reviews } from "./gitea-reviews.js";
import { branchShape, hookShape, pullRequestShape } from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import { type HttpClient, segment } from "./http-client.js";

/** @param checkPauseMs between looks whether a pull request was checked for conflicts */
export function createGiteaForge(http: HttpClient, checkPauseMs: number): Forge {
  return {
    hasBranch: async (repo, branch) => (await headOf(http, repo, branch)) !== null,
    headOf: (repo, branch) => headOf(http, repo, branch),
    hooks: (repo) => hooks(http, repo),
    pullRequestOf: (repo, branch) => pullRequestOf(http, repo, branch),
    pullRequestsOf: (repo, branch) => pullRequestsOf(http, repo, branch),
    pullRequest: (repo, number) => pullRequest(http, repo, number),
    openPullRequest: (request) => openPullRequest(http, request),
    merge: (repo, number, head) => mergePullRequest(http, { repo, number, head, checkPauseMs }),
    reviews: (repo, number) => reviews(http, repo, number),
    checks: (repo, commit) => checks(http, repo, commit),
  };
}

/** A branch's slashes stay as they are: some proxies refuse them encoded. */
async function headOf(http: HttpClient, repo: string, branch: string): Promise<Sha | null> {
  const name = branch.split("/").map(segment).join("/");
  try {
    const { body } = await http({ method: "GET", path: `${repoPath(repo)}/branches/${name}` });
    return expectShape(branchShape, body, "Gitea's branch").commit.id;
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}

/** Only an administrator of the repository sees them. */
async function hooks(http: HttpClient, repo: string): Promise<RepositoryHook[] | null> {
  try {
    const listed = await everyPage(http, `${repoPath(repo)}/hooks`, hookShape);
    return listed.map(({ active, config, events }) => ({
      url: config?.url ?? "",
      active,
      events: events ?? [],
    }));
  } catch (error) {
    if (isStatus(error, 403) || isStatus(error, 404)) return null;
    throw error;
  }
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
