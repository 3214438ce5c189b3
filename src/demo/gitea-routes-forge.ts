import { pullRequestBody, userBody } from "./gitea-bodies.js";
import { giteaStatus } from "./gitea-deliveries.js";
import type { GiteaDesk } from "./gitea-desk.js";
import { pageOf } from "./gitea-page.js";
import { repoPath } from "./gitea-routes-issues.js";
import {
  type DoublePullRequest,
  type DoubleReview,
  type DoubleStatus,
  type GiteaState,
  numbered,
} from "./gitea-state.js";
import { type DoubleAnswer, type DoubleRequest, type Route, textField } from "./http-double.js";

const NOT_FOUND: DoubleAnswer = { status: 404, body: { message: "The target couldn't be found." } };
const STATES: readonly string[] = ["pending", "success", "error", "failure", "warning", "skipped"];

interface Parts {
  readonly state: GiteaState;
  readonly desk: GiteaDesk;
  readonly bot: string;
  /** Null: no such branch. */
  readonly head: (repo: string, branch: string) => Promise<string | null>;
  readonly pageSize: number;
}

/** Gitea's REST of code: branches, pull requests, reviews, statuses, permissions. */
export function forgeRoutes(parts: Parts): Route[] {
  return [
    [
      "POST",
      repoPath("/branches"),
      (request, owner, name) => createBranch(parts, request, `${owner}/${name}`),
    ],
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
      "GET",
      repoPath("/pulls/(\\d+)/reviews"),
      (request, owner, name, number = "") =>
        listReviews(parts, request, `${owner}/${name}`, Number(number)),
    ],
    [
      "GET",
      repoPath("/commits/([^/]+)/statuses"),
      (request, owner, name, sha = "") => listStatuses(parts, request, `${owner}/${name}`, sha),
    ],
    [
      "GET",
      repoPath("/commits/([^/]+)/status"),
      (request, owner, name, sha = "") => combined(parts, request, `${owner}/${name}`, sha),
    ],
    [
      "POST",
      repoPath("/statuses/([^/]+)"),
      (request, owner, name, sha = "") => postStatus(parts, request, `${owner}/${name}`, sha),
    ],
    [
      "GET",
      repoPath("/collaborators/([^/]+)/permission"),
      (_request, owner, name, user = "") => permission(parts, `${owner}/${name}`, user),
    ],
  ];
}

/** An existing branch is 409, an unknown start an internal error. */
async function createBranch(
  parts: Parts,
  request: DoubleRequest,
  repo: string,
): Promise<DoubleAnswer> {
  const branch = textField(request.body, "new_branch_name") ?? "";
  if ((await parts.head(repo, branch)) !== null) {
    return { status: 409, body: { message: "The branch already exists." } };
  }
  const from = await parts.head(repo, textField(request.body, "old_ref_name") ?? "main");
  if (from === null) return { status: 500, body: { message: "" } };
  parts.state.branches.set(`${repo}:${branch}`, from);
  return { status: 201, body: { name: branch, commit: { id: from } } };
}

/** There is no filter by head. */
async function listPulls(
  parts: Parts,
  request: DoubleRequest,
  repo: string,
): Promise<DoubleAnswer> {
  if (!parts.state.repos.has(repo)) return NOT_FOUND;
  const wanted = request.query.get("state") ?? "open";
  const pulls = [...parts.state.pulls.values()]
    .filter((pull) => pull.repo === repo)
    .filter((pull) => wanted === "all" || (wanted === "open") === pull.open)
    .reverse();
  const bodies = await Promise.all(pulls.map((pull) => pullBody(parts, pull)));
  return pageOf(bodies, request, parts.desk.url, parts.pageSize);
}

async function onePull(parts: Parts, repo: string, number: number): Promise<DoubleAnswer> {
  const pull = parts.state.pulls.get(numbered(repo, number));
  return pull === undefined ? NOT_FOUND : { status: 200, body: await pullBody(parts, pull) };
}

/** An open pull request's head follows its branch. */
async function pullBody(parts: Parts, pull: DoublePullRequest) {
  const head = pull.open ? await parts.head(pull.repo, pull.head) : null;
  return pullRequestBody(
    { url: parts.desk.url, repo: pull.repo },
    { ...pull, headSha: head ?? pull.headSha },
  );
}

async function openPull(parts: Parts, request: DoubleRequest, repo: string): Promise<DoubleAnswer> {
  if (!parts.state.repos.has(repo)) return NOT_FOUND;
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
  parts: Parts,
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

/** Newest first, every one ever set; the word is in `status`. */
function listStatuses(
  parts: Parts,
  request: DoubleRequest,
  repo: string,
  sha: string,
): DoubleAnswer {
  if (!parts.state.repos.has(repo)) return NOT_FOUND;
  const all = [...(parts.state.statuses.get(`${repo}@${sha}`) ?? [])].reverse().map(statusBody);
  return pageOf(all, request, parts.desk.url, parts.pageSize);
}

/** Computed over the page returned, which is what makes it useless for a gate. */
function combined(parts: Parts, request: DoubleRequest, repo: string, sha: string): DoubleAnswer {
  const latest = new Map<string, DoubleStatus>();
  for (const status of parts.state.statuses.get(`${repo}@${sha}`) ?? []) {
    latest.set(status.context, status);
  }
  const all = [...latest.values()].map(statusBody);
  const page = pageOf(all, request, parts.desk.url, parts.pageSize);
  const shown = all.slice(0, Array.isArray(page.body) ? page.body.length : 0);
  const good = shown.length > 0 && shown.every(({ status }) => status === "success");
  return { ...page, body: { state: good ? "success" : "pending", statuses: page.body } };
}

function statusBody(status: DoubleStatus) {
  return {
    id: status.id,
    context: status.context,
    status: status.state,
    description: status.description,
    target_url: status.targetUrl,
    created_at: status.at,
    updated_at: status.at,
  };
}

function postStatus(parts: Parts, request: DoubleRequest, repo: string, sha: string): DoubleAnswer {
  const { state, desk, bot } = parts;
  const word = textField(request.body, "state");
  if (!state.repos.has(repo)) return NOT_FOUND;
  if (!isState(word)) return { status: 422, body: { message: "unknown state" } };
  const status: DoubleStatus = {
    id: state.nextId(),
    context: textField(request.body, "context") ?? "default",
    state: word,
    description: textField(request.body, "description") ?? "",
    targetUrl: textField(request.body, "target_url") ?? "",
    at: state.now(),
  };
  const key = `${repo}@${sha}`;
  state.statuses.set(key, [...(state.statuses.get(key) ?? []), status]);
  desk.send(giteaStatus(desk.origin(repo, bot), { ...status, sha }));
  return { status: 201, body: statusBody(status) };
}

function isState(word: string | null): word is DoubleStatus["state"] {
  return word !== null && STATES.includes(word);
}

function permission({ state, bot }: Parts, repo: string, user: string): DoubleAnswer {
  if (!state.repos.has(repo)) return NOT_FOUND;
  return {
    status: 200,
    body: { permission: user === bot ? "write" : "read", user: userBody(user) },
  };
}
