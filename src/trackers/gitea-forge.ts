import type { Forge, OpenPullRequest } from "../engine/tracker.js";
import { checks } from "./gitea-checks.js";
import { mergePullRequest } from "./gitea-merge.js";
import { isStatus, repoPath } from "./gitea-paths.js";
import { openPullRequestOf, pullRequest, pullRequestOf, pullRequestsOf } from "./gitea-pulls.js";
import { reviews } from "./gitea-reviews.js";
import { pullRequestShape } from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import type { HttpClient } from "./http-client.js";

/** @param checkPauseMs between looks whether a pull request was checked for conflicts */
export function createGiteaForge(http: HttpClient, checkPauseMs: number): Forge {
  return {
    pullRequestOf: (repo, branch) => pullRequestOf(http, repo, branch),
    pullRequestsOf: (repo, branch) => pullRequestsOf(http, repo, branch),
    pullRequest: (repo, number) => pullRequest(http, repo, number),
    openPullRequest: (request) => openPullRequest(http, request),
    merge: (repo, number, head) => mergePullRequest(http, { repo, number, head, checkPauseMs }),
    reviews: (repo, number) => reviews(http, repo, number),
    checks: (repo, commit) => checks(http, repo, commit),
  };
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
