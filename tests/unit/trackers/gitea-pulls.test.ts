import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GiteaDouble, startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { createGitea } from "../../../src/trackers/gitea.js";

const REPO = "acme/rocket";
const HEAD = "a".repeat(40);
const MOVED = "d".repeat(40);
const BRANCH = "feature/ET-001-count";

let double: GiteaDouble;
beforeEach(async () => {
  double = await startGiteaDouble({
    token: "secret",
    bot: "devbot",
    repos: [REPO],
    maxPageSize: 3,
  });
});
afterEach(() => double.stop());

const gitea = () =>
  createGitea({ url: double.url, token: "secret", bot: "DevBot", checkPauseMs: 1 });
const add = (options: Partial<Parameters<GiteaDouble["addPullRequest"]>[0]> = {}) =>
  double.addPullRequest({ repo: REPO, head: BRANCH, headSha: HEAD, ...options }).number;

describe("pull requests", () => {
  const request = {
    repo: REPO,
    head: BRANCH,
    base: "main",
    title: "ET-001: Count",
    body: "For #1",
  };

  it("are opened once, and found when they were", async () => {
    double.setBranch(REPO, BRANCH, HEAD);
    const opened = await gitea().openPullRequest(request);
    expect(opened).toMatchObject({ head: HEAD });
    expect(await gitea().openPullRequest(request)).toEqual(opened);
    expect(await gitea().pullRequestOf(REPO, BRANCH)).toEqual(opened);
    expect(double.pullRequests(REPO)).toHaveLength(1);
  });

  it("are found on a later page, and never in a fork or under a closed one", async () => {
    double.addPullRequest({
      repo: REPO,
      head: BRANCH,
      headSha: "f".repeat(40),
      fork: "eve/rocket",
    });
    double.addPullRequest({ repo: REPO, head: BRANCH, headSha: "f".repeat(40), fork: null });
    const closed = double.addPullRequest({ repo: REPO, head: BRANCH, headSha: "c".repeat(40) });
    double.mergePullRequest(REPO, closed.number);
    expect(await gitea().pullRequestOf(REPO, BRANCH)).toBeNull();
    const own = double.addPullRequest({ repo: REPO, head: BRANCH, headSha: HEAD });
    for (let i = 0; i < 7; i++) {
      double.addPullRequest({ repo: REPO, head: `other-${i}`, headSha: HEAD });
    }
    expect(await gitea().pullRequestOf(REPO, BRANCH)).toMatchObject({ number: own.number });
  });

  it("of a branch nobody knows are refused", async () => {
    await expect(gitea().openPullRequest(request)).rejects.toMatchObject({
      code: "tracker-refused",
      retryable: false,
      status: 404,
    });
  });
});

describe("one pull request", () => {
  it("is told with its branch, head and what became of it", async () => {
    double.setBranch(REPO, BRANCH, HEAD);
    const number = add();
    const open = { number, branch: BRANCH, head: HEAD, open: true, merged: false };
    expect(await gitea().pullRequest(REPO, number)).toMatchObject({ ...open, fromFork: false });
    double.closePullRequest(REPO, number);
    expect(await gitea().pullRequest(REPO, number)).toMatchObject({ open: false, merged: false });
    double.reopenPullRequest(REPO, number);
    double.mergePullRequest(REPO, number);
    expect(await gitea().pullRequest(REPO, number)).toMatchObject({ open: false, merged: true });
  });

  it("keeps its branch's name when the branch is gone", async () => {
    double.setBranch(REPO, BRANCH, HEAD);
    const number = add();
    double.deleteBranch(REPO, BRANCH);
    const pull = await gitea().pullRequest(REPO, number);
    expect(pull).toMatchObject({ branch: BRANCH, open: false, fromFork: false, head: HEAD });
  });

  it("of a fork is told apart, also when the fork is gone", async () => {
    double.setBranch(REPO, BRANCH, MOVED);
    for (const fork of ["eve/rocket", null]) {
      const pull = await gitea().pullRequest(REPO, add({ fork }));
      expect(pull).toMatchObject({ branch: BRANCH, fromFork: true, head: HEAD });
    }
  });

  it("isn't there, or is an issue", async () => {
    const { number } = double.addIssue({ repo: REPO, title: "x" });
    expect(await gitea().pullRequest(REPO, number)).toBeNull();
    expect(await gitea().pullRequest(REPO, 99)).toBeNull();
  });
});

describe("a branch", () => {
  it("is there until it is deleted, whatever its name", async () => {
    expect(await gitea().hasBranch(REPO, "feature/ET-001 #1?")).toBe(false);
    double.setBranch(REPO, "feature/ET-001 #1?", HEAD);
    expect(await gitea().hasBranch(REPO, "feature/ET-001 #1?")).toBe(true);
    double.deleteBranch(REPO, "feature/ET-001 #1?");
    expect(await gitea().hasBranch(REPO, "feature/ET-001 #1?")).toBe(false);
  });

  it("is not gone because the server is in trouble", async () => {
    double.setBranch(REPO, BRANCH, HEAD);
    double.failNext(1, 502);
    await expect(gitea().hasBranch(REPO, BRANCH)).rejects.toMatchObject({ retryable: true });
  });
});

describe("all pull requests of a branch", () => {
  it("are listed newest first, closed and merged too, over pages, without forks", async () => {
    double.setBranch(REPO, BRANCH, HEAD);
    const closed = add();
    double.closePullRequest(REPO, closed);
    const merged = add();
    double.mergePullRequest(REPO, merged);
    add({ fork: "eve/rocket" });
    for (let i = 0; i < 7; i++) add({ head: `other-${i}` });
    const open = add();
    const all = await gitea().pullRequestsOf(REPO, BRANCH);
    expect(all.map(({ number }) => number)).toEqual([open, merged, closed]);
    double.deleteBranch(REPO, BRANCH);
    expect(await gitea().pullRequestsOf(REPO, BRANCH)).toHaveLength(3);
  });

  it("are looked for among the newest only, so that a big repository has an end", async () => {
    add();
    for (let i = 0; i < 70; i++) add({ head: `other-${i}` });
    expect(await gitea().pullRequestsOf(REPO, BRANCH)).toEqual([]);
    expect(double.requests.filter((line) => line.includes("state=all"))).toHaveLength(20);
  });
});

describe("a merge", () => {
  const merge = (number: number, head = HEAD) => gitea().merge(REPO, number, head);
  const isOpen = (number: number) =>
    double.pullRequests(REPO).find((pull) => pull.number === number)?.open;

  beforeEach(() => double.setBranch(REPO, BRANCH, HEAD));

  it("happens once, and again is merged", async () => {
    const number = add();
    expect(await merge(number)).toEqual({ kind: "merged" });
    expect(double.pullRequests(REPO)).toMatchObject([{ open: false, merged: true }]);
    expect(await merge(number)).toEqual({ kind: "merged" });
    const posts = double.requests.filter((line) => line.endsWith("/merge"));
    expect(posts).toHaveLength(2);
  });

  it("of what a person merged is merged", async () => {
    const number = add();
    double.mergePullRequest(REPO, number);
    double.deleteBranch(REPO, BRANCH);
    expect(await merge(number, MOVED)).toEqual({ kind: "merged" });
  });

  it("is refused when the head has moved", async () => {
    const number = add();
    double.setBranch(REPO, BRANCH, MOVED);
    expect(await merge(number)).toEqual({
      kind: "refused",
      reason: `Pull request #${number} can't be merged: its head is dddddddd and not aaaaaaaa`,
    });
    expect(isOpen(number)).toBe(true);
  });

  it("is refused of a closed and of a missing pull request", async () => {
    const number = add();
    double.closePullRequest(REPO, number);
    expect(await merge(number)).toMatchObject({ reason: expect.stringMatching("it was closed") });
    expect(await merge(99)).toMatchObject({
      reason: expect.stringMatching("no such pull request"),
    });
  });

  it("waits for the check for conflicts, which a look may have to start", async () => {
    const number = add();
    double.holdPullRequest(REPO, number, { conflict: "checking" });
    expect(await merge(number)).toEqual({ kind: "merged" });
  });

  it("is tried again while a push of ours, or another's merge, is still under way", async () => {
    const number = add();
    double.failNext(1, 409);
    expect(await merge(number)).toEqual({ kind: "merged" });
  });

  it("is refused for a conflict found before, after a bounded number of looks", async () => {
    const number = add();
    double.holdPullRequest(REPO, number, { conflict: "found" });
    expect(await merge(number)).toMatchObject({
      kind: "refused",
      reason: expect.stringMatching(/conflicts with its base branch.*Please try again later/),
    });
    expect(double.requests.length).toBeLessThan(10);
  });

  it("is refused in the server's words while approvals are missing", async () => {
    const number = add();
    double.holdPullRequest(REPO, number, { notReady: "Does not have enough approvals" });
    expect(await merge(number)).toEqual({
      kind: "refused",
      reason: `Pull request #${number} can't be merged: Does not have enough approvals`,
    });
  });

  it("is refused for work in progress", async () => {
    expect(await merge(add({ title: "WIP: count" }))).toMatchObject({
      reason: expect.stringMatching("work in progress"),
    });
  });

  it("throws when the server is in trouble or doesn't know the token", async () => {
    const number = add();
    double.failNext(1, 502);
    await expect(merge(number)).rejects.toMatchObject({ retryable: true });
    const stranger = createGitea({ url: double.url, token: "wrong", bot: "b" });
    await expect(stranger.merge(REPO, number, HEAD)).rejects.toMatchObject({ status: 401 });
    expect(isOpen(number)).toBe(true);
  });
});

describe("a merge that conflicts only when it is made", () => {
  it("is refused, although Gitea finds no words for it", async () => {
    const merges: string[] = [];
    const torn = await startGiteaDouble({
      token: "secret",
      bot: "devbot",
      repos: [REPO],
      merge: async (_repo, head, base) => merges.push(`${head} into ${base}`) === 0,
    });
    const { number } = torn.addPullRequest({ repo: REPO, head: BRANCH, headSha: HEAD });
    const client = createGitea({ url: torn.url, token: "secret", bot: "b", checkPauseMs: 1 });
    expect(await client.merge(REPO, number, HEAD)).toEqual({
      kind: "refused",
      reason: `Pull request #${number} can't be merged: it conflicts with its base branch`,
    });
    expect(new Set(merges)).toEqual(new Set([`${BRANCH} into main`]));
    await torn.stop();
  });
});
