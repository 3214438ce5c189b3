/** Objects as Gitea shows them in webhooks and in its REST, with the fields a client may look at. */

export interface DeliveredUser {
  readonly id: number;
  readonly login: string;
  readonly full_name: string;
  readonly email: string;
  readonly username: string;
}

export interface DeliveredIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly assignees: readonly string[];
  readonly open: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
}

export interface Origin {
  /** Root of the web interface. */
  readonly url: string;
  /** `owner/name`. */
  readonly repo: string;
  readonly sender: string;
}

export interface DeliveredPullRequest {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly head: string;
  readonly headSha: string;
  readonly base: string;
  readonly open: boolean;
  readonly merged: boolean;
  readonly at: string;
  /** A fork whose branch it is; null: the fork is gone. Absent: the repository itself. */
  readonly fork?: string | null;
  /** Its branch was deleted. */
  readonly branchGone?: boolean;
  /** Default true. */
  readonly mergeable?: boolean;
}

/** The same account has the same id whenever it is shown. */
export function userBody(login: string): DeliveredUser {
  const id = [...login].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000, 7);
  const email = `${id}+${login}@noreply.tracker.example`;
  return { id, login, full_name: login, email, username: login };
}

export function repositoryBody({ url, repo }: Pick<Origin, "url" | "repo">) {
  const [owner = "", name = ""] = repo.split("/");
  return {
    id: userBody(repo).id,
    owner: userBody(owner),
    name,
    full_name: repo,
    private: true,
    html_url: `${url}/${repo}`,
    url: `${url}/api/v1/repos/${repo}`,
    clone_url: `${url}/${repo}.git`,
    default_branch: "main",
    archived_at: "1970-01-01T01:00:00+01:00",
  };
}

export function issueBody(
  { url, repo }: Pick<Origin, "url" | "repo">,
  issue: DeliveredIssue,
  isPull = false,
) {
  const assignees = issue.assignees.map(userBody);
  const [owner = "", name = ""] = repo.split("/");
  return {
    id: 5_000 + issue.number,
    url: `${url}/api/v1/repos/${repo}/issues/${issue.number}`,
    html_url: `${url}/${repo}/${isPull ? "pulls" : "issues"}/${issue.number}`,
    number: issue.number,
    user: userBody(issue.author),
    title: issue.title,
    body: issue.body,
    labels: [],
    milestone: null,
    assignee: assignees[0] ?? null,
    assignees: assignees.length === 0 ? null : assignees,
    state: issue.open ? "open" : "closed",
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    pull_request: isPull ? { merged: false, merged_at: null } : null,
    repository: { id: userBody(repo).id, name, owner, full_name: repo },
  };
}

export function pullRequestBody(
  { url, repo }: Pick<Origin, "url" | "repo">,
  pull: DeliveredPullRequest,
) {
  const base = repositoryBody({ url, repo });
  const fork = pull.fork ?? repo;
  const head = pull.fork === null ? null : repositoryBody({ url, repo: fork });
  return {
    id: 1_000 + pull.number,
    url: `${url}/${repo}/pulls/${pull.number}`,
    number: pull.number,
    user: userBody(pull.author),
    title: pull.title,
    body: pull.body,
    state: pull.open ? "open" : "closed",
    html_url: `${url}/${repo}/pulls/${pull.number}`,
    mergeable: pull.mergeable ?? true,
    merged: pull.merged,
    base: { label: pull.base, ref: pull.base, sha: NO_COMMIT, repo_id: base.id, repo: base },
    head: {
      label: pull.head,
      ref: pull.branchGone === true || head === null ? `refs/pull/${pull.number}/head` : pull.head,
      sha: pull.headSha,
      repo_id: head?.id ?? -1,
      repo: head,
    },
    created_at: pull.at,
    updated_at: pull.at,
  };
}

const NO_COMMIT = "0".repeat(40);
