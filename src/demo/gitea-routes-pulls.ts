import { pullRequestBody, userBody } from "./gitea-bodies.js";
import { pageOf } from "./gitea-page.js";
import type { ForgeParts } from "./gitea-routes-forge.js";
import { repoPath } from "./gitea-routes-issues.js";
import { type DoublePullRequest, type DoubleReview, numbered } from "./gitea-state.js";
import { type DoubleAnswer, type DoubleRequest, type Route, textField } from "./http-double.js";

const NOT_FOUND: DoubleAnswer = { status: 404, body: { message: "The target couldn't be found." } };

/** Gitea's REST of pull requests and their reviews. */
export function pullRoutes(parts: ForgeParts): Route[] {
  return [
    [
      "GET",
      repoPath("/pulls"),
      (request, owner, name) => listPulls(parts, request, `${owner}/${name}`),
    ],
    [
      "POST",
      repoPath("/pulls"),
      (request, owner, name) => openPull(parts, request, `${owner}/${name}`),
    ],
    [
      "GET",
      repoPath("/pulls/(\\d+)"),
      (_request, owner, name, number = "") => onePull(parts, `${owner}/${name}`, Number(number)),
    ],
    [
      "POST",
      repoPath("/pulls/(\\d+)/merge"),
      (request, owner, name, number = "") =>
        merge(parts, request, `${owner}/${name}`, Number(number)),
    ],
    [
      "GET",
      repoPath("/pulls/(\\d+)/reviews"),
      (request, owner, name, number = "") =>
        listReviews(parts, request, `${owner}/${name}`, Number(number)),
    ],
  ];
}

function hasPulls({ state }: ForgeParts, repo: string): boolean {
  return state.repos.has(repo) && !state.withoutPulls.has(repo);
}

/** There is no filter by head. */
async function listPulls(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
): Promise<DoubleAnswer> {
  if (!hasPulls(parts, repo)) return NOT_FOUND;
  const wanted = request.query.get("state") ?? "open";
  const pulls = [...parts.state.pulls.values()]
    .filter((pull) => pull.repo === repo)
    .filter((pull) => wanted === "all" || (wanted === "open") === pull.open)
    .reverse();
  const bodies = await Promise.all(pulls.map((pull) => pullBody(parts, pull)));
  return pageOf(bodies, request, parts.desk.url, parts.pageSize);
}

/** Looking at a pull request starts a check for conflicts that was put off. */
async function onePull(parts: ForgeParts, repo: string, number: number): Promise<DoubleAnswer> {
  const pull = parts.state.pulls.get(numbered(repo, number));
  if (pull === undefined) return NOT_FOUND;
  const body = await pullBody(parts, pull);
  if (pull.conflict === "checking") {
    parts.state.pulls.set(numbered(repo, number), { ...pull, conflict: null });
  }
  return { status: 200, body };
}

/** The head follows its branch, merged or not; a deleted branch shows as the pull request's own ref. */
async function pullBody(parts: ForgeParts, pull: DoublePullRequest) {
  const head = await branchHead(parts, pull);
  const deleted = parts.state.deletedBranches.has(`${pull.repo}:${pull.head}`);
  return pullRequestBody(
    { url: parts.desk.url, repo: pull.repo },
    {
      ...pull,
      headSha: head ?? pull.headSha,
      branchGone: deleted && head === null && pull.fork === undefined,
      mergeable: !pull.conflict && !isWorkInProgress(pull),
    },
  );
}

/** Null: in a fork, or deleted, or never known here. */
async function branchHead(parts: ForgeParts, pull: DoublePullRequest): Promise<string | null> {
  return pull.fork === undefined ? parts.head(pull.repo, pull.head) : null;
}

function isWorkInProgress({ title }: DoublePullRequest): boolean {
  return /^(WIP:|\[WIP\])/i.test(title);
}

/** One at a time: who asks again before the first is through hears that it is merged. */
function merge(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
  number: number,
): Promise<DoubleAnswer> {
  const answer = parts.state.merging.then(() => mergeNow(parts, request, repo, number));
  parts.state.merging = answer.catch(() => undefined);
  return answer;
}

/** In Gitea's order: merged, closed, not ready, then the merge itself. */
async function mergeNow(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
  number: number,
): Promise<DoubleAnswer> {
  const pull = parts.state.pulls.get(numbered(repo, number));
  if (pull === undefined) return NOT_FOUND;
  const style = textField(request.body, "Do");
  if (style !== "merge") return { status: 422, body: { message: "[Do]: Required" } };
  if (!pull.open && !pull.merged) return NOT_FOUND;
  const words = notAllowed(pull);
  if (words !== null) return { status: 405, body: { message: words } };
  const headSha = (await branchHead(parts, pull)) ?? pull.headSha;
  const expected = textField(request.body, "head_commit_id");
  if (expected !== null && expected !== headSha) {
    return { status: 409, body: { message: "head out of date" } };
  }
  if (!(await parts.merge(repo, pull.head, pull.base))) {
    return { status: 409, body: { Style: "merge", StdOut: "CONFLICT", StdErr: "", Err: {} } };
  }
  const at = parts.state.now();
  parts.desk.pullRequest(parts.bot, "closed", { ...pull, headSha, open: false, merged: true, at });
  return { status: 200 };
}

/** What Gitea says with a 405; null: nothing against it. */
function notAllowed(pull: DoublePullRequest): string | null {
  if (pull.merged) return "";
  if (isWorkInProgress(pull)) return "Work in progress PRs cannot be merged";
  if (pull.conflict) return "Please try again later";
  return pull.notReady ?? null;
}

async function openPull(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
): Promise<DoubleAnswer> {
  if (!hasPulls(parts, repo)) return NOT_FOUND;
  const [head, base, title] = ["head", "base", "title"].map((name) =>
    textField(request.body, name),
  );
  if (!head || !base || !title) return { status: 422, body: { message: "[Title]: Required" } };
  const headSha = await parts.head(repo, head);
  if (headSha === null) return NOT_FOUND;
  const same = (pull: DoublePullRequest) =>
    pull.open && pull.repo === repo && pull.head === head && pull.base === base;
  if ([...parts.state.pulls.values()].some(same)) {
    return { status: 409, body: { message: "pull request already exists for these targets" } };
  }
  const pull: DoublePullRequest = {
    repo,
    number: parts.state.nextNumber(repo),
    title,
    body: textField(request.body, "body") ?? "",
    author: parts.bot,
    head,
    headSha,
    base,
    open: true,
    merged: false,
    at: parts.state.now(),
  };
  parts.desk.pullRequest(parts.bot, "opened", pull);
  return { status: 201, body: await pullBody(parts, pull) };
}

function listReviews(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
  number: number,
): DoubleAnswer {
  const key = numbered(repo, number);
  if (!parts.state.pulls.has(key)) return NOT_FOUND;
  const reviews = (parts.state.reviews.get(key) ?? []).map(reviewBody);
  return pageOf(reviews, request, parts.desk.url, parts.pageSize);
}

function reviewBody(review: DoubleReview) {
  return {
    id: review.id,
    user: userBody(review.reviewer),
    state: review.state,
    commit_id: review.commit,
    stale: review.stale,
    dismissed: review.dismissed,
    official: review.official,
    submitted_at: review.at,
  };
}
