import type { ListedComment, ListedIssue, TrackerIssue } from "../engine/tracker.js";
import { eachPage, listOf } from "./gitea-pages.js";
import { type GiteaAddress, repoPath } from "./gitea-paths.js";
import {
  type GiteaIssue,
  type GiteaRepositoryComment,
  issueShape,
  repositoryCommentShape,
} from "./gitea-shapes.js";
import type { HttpClient } from "./http-client.js";

/** Open issues of a repository that the bot is assigned to, pull requests left out. */
export async function* openIssues(
  http: HttpClient,
  bot: string,
  repo: string,
): AsyncGenerator<readonly ListedIssue[]> {
  const query = `state=open&type=issues&assigned_by=${encodeURIComponent(bot)}&`;
  const list = { path: `${repoPath(repo)}/issues`, query, read: listOf(issueShape) };
  for await (const page of eachPage(http, list)) {
    yield page.map((issue) => ({
      ...issueOf(issue, { tracker: "gitea", repo, number: issue.number }, bot),
      createdAt: issue.created_at ?? issue.updated_at,
    }));
  }
}

export function issueOf(issue: GiteaIssue, address: GiteaAddress, bot: string): TrackerIssue {
  const assignees = issue.assignees ?? (issue.assignee ? [issue.assignee] : []);
  return {
    address,
    order: issue.number,
    title: issue.title,
    text: issue.body ?? "",
    url: issue.html_url ?? null,
    open: issue.state === "open",
    assigned: assignees.some(({ login }) => isSame(login, bot)),
    updatedAt: issue.updated_at,
  };
}

/** Of the repository's issues and pull requests alike. */
export async function* commentsSince(
  http: HttpClient,
  bot: string,
  repo: string,
  since: string,
): AsyncGenerator<readonly ListedComment[]> {
  const query = `since=${encodeURIComponent(since)}&`;
  const path = `${repoPath(repo)}/issues/comments`;
  for await (const page of eachPage(http, { path, query, read: listOf(repositoryCommentShape) })) {
    yield page.flatMap((comment) => listed(comment, repo, bot));
  }
}

/** One whose place can't be read, as of an issue that is being deleted, is left out. */
function listed(comment: GiteaRepositoryComment, repo: string, bot: string): ListedComment[] {
  const onPullRequest = Boolean(comment.pull_request_url);
  const number = numberIn(comment.pull_request_url || comment.issue_url || "");
  if (number === null) return [];
  const author = comment.user?.login;
  return [
    {
      id: String(comment.id),
      on: { tracker: "gitea", repo, number },
      onPullRequest,
      author: author === undefined ? [] : [author],
      own: author !== undefined && isSame(author, bot),
      text: comment.body,
      createdAt: comment.created_at,
      updatedAt: comment.updated_at,
      edited: comment.updated_at !== comment.created_at,
    },
  ];
}

function numberIn(address: string): number | null {
  const number = /\/(?:issues|pulls)\/(\d+)$/.exec(address)?.[1];
  return number === undefined ? null : Number(number);
}

function isSame(login: string, bot: string): boolean {
  return login.toLowerCase() === bot.toLowerCase();
}
