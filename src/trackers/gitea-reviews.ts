import type { Review } from "../engine/tracker.js";
import { everyPage } from "./gitea-pages.js";
import { repoPath } from "./gitea-paths.js";
import { type GiteaReview, reviewShape } from "./gitea-shapes.js";
import { type HttpClient, segment } from "./http-client.js";

/** Of a pull request, oldest first. */
export async function reviews(
  http: HttpClient,
  repo: string,
  pullRequest: number,
): Promise<Review[]> {
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
