import {
  giteaBranchDeleted,
  giteaPush,
  giteaReview,
  giteaStatus,
  giteaWorkflowRun,
} from "./gitea-deliveries.js";
import type { GiteaDesk } from "./gitea-desk.js";
import {
  type DoublePullRequest,
  type DoubleReview,
  type DoubleRun,
  type DoubleStatus,
  type GiteaState,
  numbered,
} from "./gitea-state.js";

/** What people and CI do with code in the web interface and by git. */
export interface GiteaCodePeople {
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
  closePullRequest(repo: string, number: number, by?: string): void;
  reopenPullRequest(repo: string, number: number, by?: string): void;
  /** Makes the REST refuse to merge it. `conflict: "checking"` ends when somebody looks at it. */
  holdPullRequest(
    repo: string,
    number: number,
    hold: Pick<DoublePullRequest, "conflict" | "notReady">,
  ): void;
  /**
   * Closes its open pull requests, as Gitea does. With a real repository behind, delete it there
   * first.
   */
  deleteBranch(repo: string, branch: string, by?: string): void;
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
  /** A run of Actions; with the id of one that is there, its next state. */
  setRun(repo: string, sha: string, run: Partial<DoubleRun> & { readonly file: string }): DoubleRun;
  switchActionsOff(repo: string): void;
  /** Every call about its pull requests is then a 404. */
  switchPullRequestsOff(repo: string): void;
}

const PERSON = "alice";
const NO_COMMIT = "0".repeat(40);

export function createGiteaCodePeople(state: GiteaState, desk: GiteaDesk): GiteaCodePeople {
  const move = (
    repo: string,
    number: number,
    by: string,
    action: "closed" | "reopened",
    merged = false,
  ) => {
    const open = action === "reopened";
    const pull = { ...pullAt(state, repo, number), open, merged, at: state.now() };
    desk.pullRequest(by, action, pull);
  };
  return {
    setBranch: (repo, branch, sha, by = PERSON) => {
      const key = `${repo}:${branch}`;
      const before = state.branches.get(key) ?? NO_COMMIT;
      state.branches.set(key, sha);
      state.deletedBranches.delete(key);
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
    mergePullRequest: (repo, number, by = PERSON) => move(repo, number, by, "closed", true),
    closePullRequest: (repo, number, by = PERSON) => move(repo, number, by, "closed"),
    reopenPullRequest: (repo, number, by = PERSON) => move(repo, number, by, "reopened"),
    holdPullRequest: (repo, number, hold) => {
      state.pulls.set(numbered(repo, number), { ...pullAt(state, repo, number), ...hold });
    },
    deleteBranch: (repo, branch, by = PERSON) => {
      state.branches.delete(`${repo}:${branch}`);
      state.deletedBranches.add(`${repo}:${branch}`);
      for (const pull of state.pulls.values()) {
        const own = pull.repo === repo && pull.head === branch && pull.fork === undefined;
        if (own && pull.open) move(repo, pull.number, by, "closed");
      }
      desk.send(giteaBranchDeleted(desk.origin(repo, by), branch));
    },
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
    setRun: (repo, sha, wanted) => {
      const key = `${repo}@${sha}`;
      const others = (state.runs.get(key) ?? []).filter(({ id }) => id !== wanted.id);
      const run: DoubleRun = {
        id: state.nextId(),
        event: "push",
        branch: "main",
        status: "queued",
        conclusion: null,
        ...wanted,
      };
      state.runs.set(key, [...others, run]);
      desk.send(giteaWorkflowRun(desk.origin(repo, PERSON), { ...run, sha }));
      return run;
    },
    switchPullRequestsOff: (repo) => {
      state.withoutPulls.add(repo);
    },
    switchActionsOff: (repo) => {
      state.withoutActions.add(repo);
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

function pullAt(state: GiteaState, repo: string, number: number): DoublePullRequest {
  const pull = state.pulls.get(numbered(repo, number));
  if (pull === undefined) throw new Error(`the double has no pull request ${repo}#${number}`);
  return pull;
}
