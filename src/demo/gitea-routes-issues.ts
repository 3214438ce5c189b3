import { issueBody, userBody } from "./gitea-bodies.js";
import { type GiteaDesk, issueOfPull } from "./gitea-desk.js";
import { pageOf } from "./gitea-page.js";
import { type DoubleComment, type DoubleIssue, type GiteaState, numbered } from "./gitea-state.js";
import { type DoubleAnswer, field, type Route, textField } from "./http-double.js";

const NOT_FOUND: DoubleAnswer = { status: 404, body: { message: "The target couldn't be found." } };
/** What Gitea answers where it didn't expect that the issue is missing: its messages are for logs. */
const INTERNAL: DoubleAnswer = { status: 500, body: { message: "" } };

/** Gitea's REST of issues: reading, commenting, closing, dependencies, reactions. */
export function issueRoutes(parts: {
  readonly state: GiteaState;
  readonly desk: GiteaDesk;
  readonly bot: string;
  readonly pageSize: number;
}): Route[] {
  const { state, desk, bot, pageSize } = parts;
  const issueOf = (repo: string, number: string) => {
    const issue = findIssue(state, repo, Number(number));
    return issue === undefined
      ? NOT_FOUND
      : { status: 200, body: issueBody({ ...desk, repo }, issue) };
  };
  const dependencies = (request: Parameters<Route[2]>[0], repo: string, number: string) => {
    const key = numbered(repo, Number(number));
    if (state.withoutDependencies.has(repo) || !state.issues.has(key)) return NOT_FOUND;
    const blockers = (state.dependencies.get(key) ?? []).flatMap((blocker) => {
      const issue = findIssue(state, blocker.repo, blocker.number);
      return issue === undefined ? [] : [issueBody({ ...desk, repo: blocker.repo }, issue)];
    });
    const { body } = pageOf(blockers, request, desk.url, pageSize);
    return { status: 200, body };
  };
  return [
    [
      "GET",
      repoPath("/issues"),
      (request, owner, name) => listIssues(parts, request, `${owner}/${name}`),
    ],
    [
      "GET",
      repoPath("/issues/(\\d+)"),
      (_request, owner, name, number = "") => issueOf(`${owner}/${name}`, number),
    ],
    [
      "PATCH",
      repoPath("/issues/(\\d+)"),
      (request, owner, name, number = "") =>
        patchIssue(parts, `${owner}/${name}`, Number(number), request.body),
    ],
    [
      "GET",
      repoPath("/issues/(\\d+)/dependencies"),
      (request, owner, name, number = "") => dependencies(request, `${owner}/${name}`, number),
    ],
    [
      "GET",
      repoPath("/issues/comments"),
      (request, owner, name) => repositoryComments(parts, request, `${owner}/${name}`),
    ],
    [
      "GET",
      repoPath("/issues/(\\d+)/comments"),
      (_request, owner, name, number = "") =>
        listComments(parts, `${owner}/${name}`, Number(number)),
    ],
    [
      "POST",
      repoPath("/issues/(\\d+)/comments"),
      (request, owner, name, number = "") =>
        postComment(parts, `${owner}/${name}`, Number(number), textField(request.body, "body")),
    ],
    [
      "PATCH",
      repoPath("/issues/comments/(\\d+)"),
      (request, _owner, _name, id = "") =>
        patchComment(state, desk, bot, Number(id), textField(request.body, "body")),
    ],
    [
      "POST",
      repoPath("/issues/comments/(\\d+)/reactions"),
      (request, owner, name, id = "") =>
        react(parts, `${owner}/${name}`, Number(id), textField(request.body, "content")),
    ],
  ];
}

/** The path of a repository's resource; owner and name are the first two groups. */
export function repoPath(rest: string): RegExp {
  return new RegExp(`^/api/v1/repos/([^/]+)/([^/]+)${rest}$`);
}

interface Parts {
  readonly state: GiteaState;
  readonly desk: GiteaDesk;
  readonly bot: string;
  readonly pageSize: number;
}

function findIssue(state: GiteaState, repo: string, number: number): DoubleIssue | undefined {
  const pull = state.pulls.get(numbered(repo, number));
  return state.issues.get(numbered(repo, number)) ?? (pull && issueOfPull(pull));
}

function listIssues(
  { state, desk, pageSize }: Parts,
  request: Parameters<Route[2]>[0],
  repo: string,
): DoubleAnswer {
  if (!state.repos.has(repo)) return NOT_FOUND;
  const wanted = request.query.get("state") ?? "open";
  const assignee = request.query.get("assigned_by");
  const issues = [...state.issues.values()]
    .filter((issue) => issue.repo === repo)
    .filter((issue) => wanted === "all" || (wanted === "open") === issue.open)
    .filter((issue) => assignee === null || issue.assignees.includes(assignee))
    .map((issue) => issueBody({ url: desk.url, repo }, issue));
  return pageOf(issues, request, desk.url, pageSize);
}

/** Gitea answers 201 to a change, and refuses to close what open issues block. */
function patchIssue(
  { state, desk, bot }: Parts,
  repo: string,
  number: number,
  body: unknown,
): DoubleAnswer {
  const issue = state.issues.get(numbered(repo, number));
  if (issue === undefined) return NOT_FOUND;
  const wanted = field(body, "state");
  if (wanted === "closed" && issue.open) {
    const blockers = state.withoutDependencies.has(repo)
      ? []
      : (state.dependencies.get(numbered(repo, number)) ?? []);
    const blocked = blockers.some(
      (blocker) => state.issues.get(numbered(blocker.repo, blocker.number))?.open === true,
    );
    if (blocked) {
      const message = "cannot close this issue because it still has open dependencies";
      return { status: 412, body: { message } };
    }
    desk.issue(bot, "closed", {
      ...issue,
      open: false,
      closedAt: state.now(),
      updatedAt: state.now(),
    });
  }
  if (wanted === "open" && !issue.open) {
    desk.issue(bot, "reopened", { ...issue, open: true, closedAt: null, updatedAt: state.now() });
  }
  return {
    status: 201,
    body: issueBody({ url: desk.url, repo }, findIssue(state, repo, number) ?? issue),
  };
}

/** Not paged: all of them, whatever `limit` says. */
function listComments({ state, desk }: Parts, repo: string, number: number): DoubleAnswer {
  if (findIssue(state, repo, number) === undefined) return INTERNAL;
  const comments = state.comments.filter((one) => one.repo === repo && one.issue === number);
  return { status: 200, body: comments.map((comment) => commentBody(desk.url, comment)) };
}

/** Of the whole repository, paged, oldest first; `since` is about their last change. */
function repositoryComments(
  { state, desk, pageSize }: Parts,
  request: Parameters<Route[2]>[0],
  repo: string,
): DoubleAnswer {
  if (!state.repos.has(repo)) return NOT_FOUND;
  const since = request.query.get("since");
  if (since !== null && Number.isNaN(Date.parse(since))) {
    return { status: 422, body: { message: "since: not a time" } };
  }
  const comments = state.comments
    .filter((one) => one.repo === repo)
    .filter((one) => since === null || Date.parse(one.updatedAt) >= Date.parse(since))
    .map((comment) => {
      const isPull = state.pulls.has(numbered(repo, comment.issue));
      const on = `${desk.url}/${repo}/${isPull ? "pulls" : "issues"}/${comment.issue}`;
      const where = { issue_url: isPull ? "" : on, pull_request_url: isPull ? on : "" };
      return { ...commentBody(desk.url, comment), ...where };
    });
  return pageOf(comments, request, desk.url, pageSize);
}

function postComment(
  { state, desk, bot }: Parts,
  repo: string,
  number: number,
  body: string | null,
): DoubleAnswer {
  if (body === null || body === "") return { status: 422, body: { message: "[Body]: Required" } };
  if (findIssue(state, repo, number) === undefined) return INTERNAL;
  const at = state.now();
  const id = state.nextId();
  const comment = { id, repo, issue: number, author: bot, body, createdAt: at, updatedAt: at };
  desk.comment(bot, "created", comment);
  return { status: 201, body: commentBody(desk.url, comment) };
}

function patchComment(
  state: GiteaState,
  desk: GiteaDesk,
  bot: string,
  id: number,
  body: string | null,
): DoubleAnswer {
  const comment = state.comments.find((one) => one.id === id);
  if (comment === undefined) return NOT_FOUND;
  if (comment.author !== bot) return { status: 403, body: { message: "not allowed" } };
  if (body === null) return { status: 422, body: { message: "[Body]: Required" } };
  const edited = { ...comment, body, updatedAt: state.now() };
  desk.comment(bot, "edited", edited);
  return { status: 200, body: commentBody(desk.url, edited) };
}

const REACTIONS = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];

/** 200 when it is there already, 403 when the server doesn't know the sign. */
function react(
  { state, bot }: Parts,
  repo: string,
  comment: number,
  content: string | null,
): DoubleAnswer {
  if (!state.comments.some(({ id, repo: of }) => id === comment && of === repo)) return NOT_FOUND;
  if (content === null || !REACTIONS.includes(content)) {
    return { status: 403, body: { message: `'${content}' is not an allowed reaction` } };
  }
  const body = { user: userBody(bot), content, created_at: state.now() };
  if (state.reactions.some((one) => one.comment === comment && one.content === content)) {
    return { status: 200, body };
  }
  state.reactions.push({ comment, content });
  return { status: 201, body };
}

function commentBody(url: string, comment: DoubleComment) {
  return {
    id: comment.id,
    html_url: `${url}/${comment.repo}/issues/${comment.issue}#issuecomment-${comment.id}`,
    user: userBody(comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
  };
}
