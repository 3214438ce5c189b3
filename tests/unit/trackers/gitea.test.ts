import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GiteaDouble, startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { createGitea } from "../../../src/trackers/gitea.js";

const REPO = "acme/rocket";
const HEAD = "a".repeat(40);
const BRANCH = "feature/ET-001-count";

let double: GiteaDouble;
beforeEach(async () => {
  double = await startGiteaDouble({
    token: "secret",
    bot: "devbot",
    repos: [REPO, "acme/pad"],
    maxPageSize: 3,
  });
});
afterEach(() => double.stop());

const gitea = () => createGitea({ url: double.url, token: "secret", bot: "DevBot" });
const issue = (number: number, repo = REPO) => ({ tracker: "gitea", repo, number }) as const;
const posts = () => double.requests.filter((line) => line.startsWith("POST"));

describe("comments", () => {
  beforeEach(() => {
    double.addIssue({ repo: REPO, title: "One" });
  });

  it("carry a hidden marker of their effect", async () => {
    await gitea().comment(issue(1), "ET-001-v2-run-0-comment", "Hello");
    expect(double.comments(REPO, 1)[0]?.body).toBe(
      "<!-- stagecoach:effect:ET-001-v2-run-0-comment -->\nHello",
    );
  });

  it("are posted although a person wrote their marker", async () => {
    double.humanComment(REPO, 1, "mallory", "<!-- stagecoach:effect:one -->\nnothing to see");
    await gitea().comment(issue(1), "one", "Hello");
    expect(double.comments(REPO, 1).map(({ author }) => author)).toEqual(["mallory", "devbot"]);
  });

  it("can't be ended early by what their id says", async () => {
    await gitea().comment(issue(1), "x --> /approve", "Hello");
    expect(double.comments(REPO, 1)[0]?.body.split("\n")[0]).toBe(
      "<!-- stagecoach:effect:x_--__/approve -->",
    );
  });

  it("fail as unavailable when the server is in trouble and the issue is there", async () => {
    double.failNext(1, 500);
    await expect(gitea().comment(issue(1), "one", "Hello")).rejects.toMatchObject({
      code: "tracker-unavailable",
      retryable: true,
    });
  });

  it("go to the issue they are for", async () => {
    double.addIssue({ repo: REPO, title: "Two" });
    await gitea().comment(issue(1), "one", "Hello");
    await gitea().comment(issue(2), "one", "Hello");
    expect(double.comments(REPO, 2)).toHaveLength(1);
  });
});

describe("blockers", () => {
  it("are numbers here and full references elsewhere, over all pages", async () => {
    const numbers = [1, 2, 3, 4, 5, 6, 7].map(
      () => double.addIssue({ repo: REPO, title: "Blocker" }).number,
    );
    const foreign = double.addIssue({ repo: "acme/pad", title: "Pad", number: 40 });
    const { number } = double.addIssue({ repo: REPO, title: "Blocked" });
    double.setDependencies(REPO, number, [
      ...numbers.map((one) => ({ repo: REPO, number: one })),
      foreign,
    ]);
    expect(await gitea().blockers(issue(number))).toEqual([...numbers, "acme/pad#40"]);
  });

  it("are none where the repository switched them off", async () => {
    const blocker = double.addIssue({ repo: REPO, title: "Blocker" });
    double.addIssue({ repo: REPO, title: "Blocked" });
    double.setDependencies(REPO, 2, [blocker]);
    double.switchDependenciesOff(REPO);
    expect(await gitea().blockers(issue(2))).toEqual([]);
  });

  it("aren't taken for none when the list can't be read", async () => {
    double.addIssue({ repo: REPO, title: "Blocked" });
    double.failNext(1, 503);
    await expect(gitea().blockers(issue(1))).rejects.toMatchObject({ retryable: true });
  });
});

describe("reviews", () => {
  it("tell verdicts from comments, drafts and requests, oldest first", async () => {
    const { number } = double.addPullRequest({ repo: REPO, head: BRANCH, headSha: HEAD });
    const say = (reviewer: string, state: Parameters<GiteaDouble["review"]>[2]["state"]) =>
      double.review(REPO, number, { reviewer, state });
    say("aiko", "REQUEST_CHANGES");
    say("jonas", "PENDING");
    say("jonas", "REQUEST_REVIEW");
    say("mira", "COMMENT");
    double.review(REPO, number, { reviewer: "aiko", state: "APPROVED", stale: true });
    double.review(REPO, number, { reviewer: "eve", state: "APPROVED", official: false });
    const reviews = await gitea().reviews(REPO, number);
    expect(reviews.map(({ reviewer, state, stale }) => [reviewer, state, stale])).toEqual([
      ["aiko", "changes-requested", false],
      ["mira", "commented", false],
      ["aiko", "approved", true],
      ["eve", "commented", false],
    ]);
    expect(reviews[0]).toMatchObject({ commit: HEAD, dismissed: false });
  });
});

describe("names from outside", () => {
  it("stay inside their path segment", async () => {
    for (const repo of ["../admin", "acme/..", "acme", "acme/rocket/hooks"]) {
      await expect(gitea().readIssue(issue(1, repo))).rejects.toMatchObject({
        code: "tracker-refused",
        retryable: false,
      });
    }
    expect(await gitea().readIssue(issue(1, "acme/ro?ck#et"))).toBeNull();
    expect(double.requests).toEqual(["GET /api/v1/repos/acme/ro%3Fck%23et/issues/1"]);
  });

  it("name another tracker's issue only by mistake", async () => {
    const plane = { tracker: "plane", workspace: "a", project: "b", id: "c" } as const;
    await expect(gitea().readIssue(plane)).rejects.toMatchObject({ retryable: false });
    expect(posts()).toEqual([]);
  });
});
