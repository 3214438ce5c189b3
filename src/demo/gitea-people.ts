import { createGiteaCodePeople, type GiteaCodePeople } from "./gitea-code-people.js";
import type { GiteaDesk } from "./gitea-desk.js";
import {
  type Dependency,
  type DoubleComment,
  type DoubleIssue,
  type GiteaState,
  numbered,
} from "./gitea-state.js";

/** What people and CI do in the web interface; each sends the webhooks Gitea would. */
export interface GiteaPeople extends GiteaCodePeople {
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
  editComment(id: number, body: string, by?: string): void;
  deleteComment(id: number, by?: string): void;
  /** Sends nothing, as in Gitea. */
  setDependencies(repo: string, number: number, blockers: readonly Dependency[]): void;
  switchDependenciesOff(repo: string): void;
}

const PERSON = "alice";

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
    editComment: (id, body, by = PERSON) =>
      desk.comment(by, "edited", { ...commentAt(state, id), body, updatedAt: state.now() }),
    deleteComment: (id, by = PERSON) => desk.comment(by, "deleted", commentAt(state, id)),
    setDependencies: (repo, number, blockers) => {
      state.dependencies.set(numbered(repo, number), [...blockers]);
    },
    switchDependenciesOff: (repo) => {
      state.withoutDependencies.add(repo);
    },
    ...createGiteaCodePeople(state, desk),
  };
}

function issueAt(state: GiteaState, repo: string, number: number): DoubleIssue {
  const issue = state.issues.get(numbered(repo, number));
  if (issue === undefined) throw new Error(`the double has no issue ${repo}#${number}`);
  return issue;
}

function commentAt(state: GiteaState, id: number): DoubleComment {
  const comment = state.comments.find((one) => one.id === id);
  if (comment === undefined) throw new Error(`the double has no comment ${id}`);
  return comment;
}
