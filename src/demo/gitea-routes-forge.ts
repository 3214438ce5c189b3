import { userBody } from "./gitea-bodies.js";
import { giteaStatus, workflowRunBody } from "./gitea-deliveries.js";
import type { GiteaDesk } from "./gitea-desk.js";
import { pageOf } from "./gitea-page.js";
import { repoPath } from "./gitea-routes-issues.js";
import type { DoubleStatus, GiteaState } from "./gitea-state.js";
import { type DoubleAnswer, type DoubleRequest, type Route, textField } from "./http-double.js";

const NOT_FOUND: DoubleAnswer = { status: 404, body: { message: "The target couldn't be found." } };
const STATES: readonly string[] = ["pending", "success", "error", "failure", "warning", "skipped"];

export interface ForgeParts {
  readonly state: GiteaState;
  readonly desk: GiteaDesk;
  readonly bot: string;
  /** Null: no such branch. */
  readonly head: (repo: string, branch: string) => Promise<string | null>;
  /** Merges a head into a base in the repository behind; false: they conflict. */
  readonly merge: (repo: string, head: string, base: string) => Promise<boolean>;
  readonly pageSize: number;
}

/** Gitea's REST of code: branches, statuses, runs of Actions, permissions. */
export function forgeRoutes(parts: ForgeParts): Route[] {
  return [
    [
      "POST",
      repoPath("/branches"),
      (request, owner, name) => createBranch(parts, request, `${owner}/${name}`),
    ],
    [
      "GET",
      repoPath("/branches/(.+)"),
      (_request, owner, name, branch = "") => readBranch(parts, `${owner}/${name}`, branch),
    ],
    [
      "GET",
      repoPath("/actions/runs"),
      (request, owner, name) => listRuns(parts, request, `${owner}/${name}`),
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

async function readBranch(parts: ForgeParts, repo: string, branch: string): Promise<DoubleAnswer> {
  const id = await parts.head(repo, branch);
  return id === null ? NOT_FOUND : { status: 200, body: { name: branch, commit: { id } } };
}

/** An existing branch is 409, an unknown start an internal error. */
async function createBranch(
  parts: ForgeParts,
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

/** Newest first, every one ever set; the word is in `status`. */
function listStatuses(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
  sha: string,
): DoubleAnswer {
  if (!parts.state.repos.has(repo)) return NOT_FOUND;
  const all = [...(parts.state.statuses.get(`${repo}@${sha}`) ?? [])].reverse().map(statusBody);
  return pageOf(all, request, parts.desk.url, parts.pageSize);
}

/** Computed over the page returned, which is what makes it useless for a gate. */
function combined(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
  sha: string,
): DoubleAnswer {
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

function postStatus(
  parts: ForgeParts,
  request: DoubleRequest,
  repo: string,
  sha: string,
): DoubleAnswer {
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

/** Newest first. Switched off, as on a server too old for it, there is no such page. */
function listRuns(parts: ForgeParts, request: DoubleRequest, repo: string): DoubleAnswer {
  const { state, desk, pageSize } = parts;
  if (!state.repos.has(repo) || state.withoutActions.has(repo)) return NOT_FOUND;
  const wanted = request.query.get("head_sha");
  const all = [...state.runs].flatMap(([key, runs]) => {
    const [of = "", sha = ""] = key.split("@");
    if (of !== repo || (wanted !== null && wanted !== sha)) return [];
    return runs.map((run) => workflowRunBody({ url: desk.url, repo }, { ...run, sha }));
  });
  const newest = all.sort((one, other) => other.id - one.id);
  const page = pageOf(newest, request, desk.url, pageSize);
  return { ...page, body: { workflow_runs: page.body, total_count: all.length } };
}

function permission({ state, bot }: ForgeParts, repo: string, user: string): DoubleAnswer {
  if (!state.repos.has(repo)) return NOT_FOUND;
  return {
    status: 200,
    body: { permission: user === bot ? "write" : "read", user: userBody(user) },
  };
}
