import { giteaPush, giteaReview, giteaStatus } from "./gitea-deliveries.js";
import type { GiteaDesk } from "./gitea-desk.js";
import {
  type Dependency,
  type DoubleComment,
  type DoubleIssue,
  type DoublePullRequest,
  type DoubleReview,
  type DoubleStatus,
  type GiteaState,
  numbered,
} from "./gitea-state.js";

/** What people and CI do in the web interface; each sends the webhooks Gitea would. */
export interface GiteaPeople {
  /** Created with assignees, `assigned` is sent before `opened`. */
  addIssue(issue: {
    readonly repo: string;
    readonly title: string;
    readonly body?: string;
    readonly number?: number;
    readonly author?: string;
    readonly assignees?: readonly string[];
  }): DoubleIssue;
  assign(repo: string, number: number, login: string, by?: string): void;
  unassign(repo: string, number: number, login: string, by?: string): void;
  edit(
    repo: string,
    number: number,
    change: { readonly title?: string; readonly body?: string },
    by?: string,
  ): void;
  close(repo: string, number: number, by?: string): void;
  reopen(repo: string, number: number, by?: string): void;
  remove(repo: string, number: number, by?: string): void;
  /** A person's comment on an issue or a pull request. */
  humanComment(repo: string, number: number, author: string, body: string): DoubleComment;
  /** Sends nothing, as in Gitea. */
  setDependencies(repo: string, number: number, blockers: readonly Dependency[]): void;
  switchDependenciesOff(repo: string): void;
  /** A branch that no repository behind has. Sends a push. */
  setBranch(repo: string, branch: string, sha: string, by?: string): void;
  /** A person's own, perhaps from a fork (null: a fork that is gone). */
  addPullRequest(pull: {
    readonly repo: string;
    readonly head: string;
    readonly headSha: string;
    readonly base?: string;
    readonly title?: string;
    readonly author?: string;
    readonly fork?: string | null;
  }): DoublePullRequest;
  mergePullRequest(repo: string, number: number, by?: string): void;
  review(
    repo: string,
    pullRequest: number,
    review: {
      readonly reviewer: string;
      readonly state: DoubleReview["state"];
    } & Partial<DoubleReview>,
  ): DoubleReview;
  setStatus(
    repo: string,
    sha: string,
    context: string,
    state: DoubleStatus["state"],
    by?: string,
  ): void;
}

const PERSON = "alice";
const NO_COMMIT = "0".repeat(40);

export function createGiteaPeople(state: GiteaState, desk: GiteaDesk): GiteaPeople {
  const change = (repo: string, number: number, update: Partial<DoubleIssue>): DoubleIssue => ({
    ...issueAt(state, repo, number),
    ...update,
    updatedAt: state.now(),
  });
  return {
    addIssue: (wanted) => {
      const now = state.now();
      const issue: DoubleIssue = {
        body: "",
        author: PERSON,
        assignees: [],
        number: state.nextNumber(wanted.repo),
        ...wanted,
        open: true,
        createdAt: now,
        updatedAt: now,
        closedAt: null,
      };
      for (const _ of issue.assignees) desk.issue(issue.author, "assigned", issue);
      desk.issue(issue.author, "opened", issue);
      return issue;
    },
    assign: (repo, number, login, by = PERSON) => {
      const { assignees } = issueAt(state, repo, number);
      if (assignees.includes(login)) return;
      desk.issue(by, "assigned", change(repo, number, { assignees: [...assignees, login] }));
    },
    unassign: (repo, number, login, by = PERSON) => {
      const assignees = issueAt(state, repo, number).assignees.filter((one) => one !== login);
      desk.issue(by, "unassigned", change(repo, number, { assignees }));
    },
    edit: (repo, number, update, by = PERSON) => {
      const before = issueAt(state, repo, number);
      const changes = {
        ...(update.title === undefined ? {} : { title: { from: before.title } }),
        ...(update.body === undefined ? {} : { body: { from: before.body } }),
      };
      desk.issue(by, "edited", change(repo, number, update), changes);
    },
    close: (repo, number, by = PERSON) =>
      desk.issue(by, "closed", change(repo, number, { open: false, closedAt: state.now() })),
    reopen: (repo, number, by = PERSON) =>
      desk.issue(by, "reopened", change(repo, number, { open: true, closedAt: null })),
    remove: (repo, number, by = PERSON) => desk.issue(by, "deleted", issueAt(state, repo, number)),
    humanComment: (repo, issue, author, body) => {
      const at = state.now();
      const comment = {
        id: state.nextId(),
        repo,
        issue,
        author,
        body,
        createdAt: at,
        updatedAt: at,
      };
      desk.comment(author, "created", comment);
      return comment;
    },
    setDependencies: (repo, number, blockers) => {
      state.dependencies.set(numbered(repo, number), [...blockers]);
    },
    switchDependenciesOff: (repo) => {
      state.withoutDependencies.add(repo);
    },
    ...codePeople(state, desk),
  };
}

type CodePeople = Pick<
  GiteaPeople,
  "setBranch" | "addPullRequest" | "mergePullRequest" | "review" | "setStatus"
>;

function codePeople(state: GiteaState, desk: GiteaDesk): CodePeople {
  return {
    setBranch: (repo, branch, sha, by = PERSON) => {
      const key = `${repo}:${branch}`;
      const before = state.branches.get(key) ?? NO_COMMIT;
      state.branches.set(key, sha);
      desk.send(giteaPush(desk.origin(repo, by), { branch, before, after: sha }));
    },
    addPullRequest: (wanted) => {
      const pull: DoublePullRequest = {
        number: state.nextNumber(wanted.repo),
        title: wanted.head,
        body: "",
        author: PERSON,
        base: "main",
        ...wanted,
        open: true,
        merged: false,
        at: state.now(),
      };
      desk.pullRequest(pull.author, "opened", pull);
      return pull;
    },
    mergePullRequest: (repo, number, by = PERSON) =>
      desk.pullRequest(by, "closed", {
        ...pullAt(state, repo, number),
        open: false,
        merged: true,
        at: state.now(),
      }),
    review: (repo, number, wanted) => {
      const pull = pullAt(state, repo, number);
      const review: DoubleReview = {
        id: state.nextId(),
        commit: pull.headSha,
        stale: false,
        dismissed: false,
        official: true,
        at: state.now(),
        ...wanted,
      };
      const key = numbered(repo, number);
      state.reviews.set(key, [...(state.reviews.get(key) ?? []), review]);
      const verdict = REVIEW_EVENTS[review.state];
      if (verdict !== null) {
        desk.send(giteaReview(desk.origin(repo, review.reviewer), pull, { verdict, content: "" }));
      }
      return review;
    },
    setStatus: (repo, sha, context, checked, by = PERSON) => {
      const status: DoubleStatus = {
        id: state.nextId(),
        context,
        state: checked,
        description: "",
        targetUrl: "",
        at: state.now(),
      };
      const key = `${repo}@${sha}`;
      state.statuses.set(key, [...(state.statuses.get(key) ?? []), status]);
      desk.send(giteaStatus(desk.origin(repo, by), { ...status, sha }));
    },
  };
}

/** A draft and a request for review send no review event. */
const REVIEW_EVENTS: Readonly<
  Record<DoubleReview["state"], "approved" | "rejected" | "comment" | null>
> = {
  APPROVED: "approved",
  REQUEST_CHANGES: "rejected",
  COMMENT: "comment",
  PENDING: null,
  REQUEST_REVIEW: null,
};

function issueAt(state: GiteaState, repo: string, number: number): DoubleIssue {
  const issue = state.issues.get(numbered(repo, number));
  if (issue === undefined) throw new Error(`the double has no issue ${repo}#${number}`);
  return issue;
}

function pullAt(state: GiteaState, repo: string, number: number): DoublePullRequest {
  const pull = state.pulls.get(numbered(repo, number));
  if (pull === undefined) throw new Error(`the double has no pull request ${repo}#${number}`);
  return pull;
}
