import { shortSha, type Verdict } from "../domain/verdict.js";
import type { Forge, OpenPullRequest, Review } from "../engine/tracker.js";
import type { GateContext } from "./gate.js";
import { reviewerVerdict } from "./reviewer-verdict.js";
import { type Ruling, verdictOf } from "./ruling.js";

/**
 * Passes when the branch's open pull request has a current approval and no open request for changes.
 * A project without a forge has no pull requests, so the reviewer's verdict decides there.
 */
export async function reviewApproved(context: GateContext): Promise<Verdict> {
  const { forge, project } = context;
  if (forge === null || project.repo === null) {
    return { ...(await reviewerVerdict(context)), gate: "review-approved" };
  }
  return verdictOf("review-approved", context, await reviewRuling(context, forge, project.repo));
}

export async function reviewRuling(
  { item, commit }: Pick<GateContext, "item" | "commit">,
  forge: Forge,
  repo: string,
): Promise<Ruling> {
  const pullRequest = await forge.pullRequestOf(repo, item.branch);
  if (pullRequest === null) {
    return { passed: false, reason: `Branch ${item.branch} has no open pull request.` };
  }
  if (pullRequest.head !== commit) return lagging(pullRequest, commit);
  return judged(latestOfEach(await forge.reviews(repo, pullRequest.number)), pullRequest);
}

/** Until the forge has seen the branch head its reviews may still look current. */
function lagging(pullRequest: OpenPullRequest, commit: string): Ruling {
  const seen = shortSha(pullRequest.head);
  const reason = `Pull request #${pullRequest.number} is at ${seen}, the branch at ${shortSha(commit)}.`;
  return { passed: false, pending: true, reason };
}

/** A reviewer's last word; a comment takes nothing back. Later in the list wins at the same time. */
function latestOfEach(reviews: readonly Review[]): readonly Review[] {
  const latest = new Map<string, Review>();
  for (const review of reviews) {
    if (review.state === "commented") continue;
    const known = latest.get(review.reviewer);
    if (known === undefined || Date.parse(review.at) >= Date.parse(known.at)) {
      latest.set(review.reviewer, review);
    }
  }
  return [...latest.values()];
}

/** A stale request for changes is still open; only its reviewer or a dismissal takes it away. */
function judged(reviews: readonly Review[], pullRequest: OpenPullRequest): Ruling {
  const evidence = [pullRequest.url, ...reviews.map(described)].join("\n");
  const standing = reviews.filter((review) => !review.dismissed);
  const against = standing.filter((review) => review.state === "changes-requested");
  const of = `pull request #${pullRequest.number}`;
  if (against.length > 0) {
    return { passed: false, reason: `${people(against)} requested changes on ${of}.`, evidence };
  }
  const approvals = standing.filter((review) => review.state === "approved" && !review.stale);
  return approvals.length > 0
    ? { passed: true, reason: `${people(approvals)} approved ${of}.`, evidence }
    : {
        passed: false,
        pending: true,
        reason: `A current approval of ${of} is awaited.`,
        evidence,
      };
}

function people(reviews: readonly Review[]): string {
  return reviews.map(({ reviewer }) => reviewer).join(", ");
}

function described(review: Review): string {
  const remarks = [review.stale && "stale", review.dismissed && "dismissed"].filter(Boolean);
  const aside = remarks.length > 0 ? ` (${remarks.join(", ")})` : "";
  return `${review.reviewer}: ${review.state} ${shortSha(review.commit)}${aside}`;
}
