import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GiteaDouble, startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { createGitea } from "../../../src/trackers/gitea.js";

const REPO = "acme/rocket";
const ISSUE = { tracker: "gitea", repo: REPO, number: 1 } as const;
const MARKER = "<!-- stagecoach:status:ET-001 -->";

let double: GiteaDouble;
beforeEach(async () => {
  double = await startGiteaDouble({
    token: "secret",
    bot: "devbot",
    repos: [REPO],
    maxPageSize: 3,
  });
});
beforeEach(() => {
  double.addIssue({ repo: REPO, title: "One" });
});
afterEach(() => double.stop());

/** Every call is a new client: nothing is remembered between them. */
const gitea = (fetch = globalThis.fetch) =>
  createGitea({ url: double.url, token: "secret", bot: "DevBot", fetch });
const bodies = () => double.comments(REPO, 1).map(({ body }) => body);
const writes = () => double.requests.filter((line) => /^(POST|PATCH)/.test(line));

describe("the status comment", () => {
  it("is found again by its marker after a restart, and edited in place", async () => {
    await gitea().putStatusComment(ISSUE, "ET-001", "waiting");
    double.humanComment(REPO, 1, "alice", "How far is it?");
    await gitea().putStatusComment(ISSUE, "ET-001", "running");
    expect(bodies()).toEqual([`${MARKER}\nrunning`, "How far is it?"]);
  });

  it("isn't written again when nothing changed, however long it is", async () => {
    const long = "done and dusted\n".repeat(10_000);
    await gitea().putStatusComment(ISSUE, "ET-001", long);
    await gitea().putStatusComment(ISSUE, "ET-001", long);
    expect(writes()).toHaveLength(1);
    expect(bodies()[0]?.startsWith(MARKER)).toBe(true);
  });

  it("of another item is left alone", async () => {
    await gitea().putStatusComment(ISSUE, "ET-001", "one");
    await gitea().putStatusComment(ISSUE, "ET-0011", "eleven");
    expect(bodies()).toHaveLength(2);
  });

  it("is written anew when somebody deleted it", async () => {
    await gitea().putStatusComment(ISSUE, "ET-001", "waiting");
    double.deleteComment(double.comments(REPO, 1)[0]?.id ?? 0);
    await gitea().putStatusComment(ISSUE, "ET-001", "running");
    expect(bodies()).toEqual([`${MARKER}\nrunning`]);
  });

  it("is written anew when somebody deletes it between the look and the edit", async () => {
    await gitea().putStatusComment(ISSUE, "ET-001", "waiting");
    const deleting: typeof globalThis.fetch = (input, init) => {
      if (init?.method === "PATCH") double.deleteComment(double.comments(REPO, 1)[0]?.id ?? 0);
      return globalThis.fetch(input, init);
    };
    await gitea(deleting).putStatusComment(ISSUE, "ET-001", "running");
    expect(bodies()).toEqual([`${MARKER}\nrunning`]);
  });

  it("is the oldest where a race once left two, and the other is left as it is", async () => {
    double.humanComment(REPO, 1, "devbot", `${MARKER}\nfirst`);
    double.humanComment(REPO, 1, "devbot", `${MARKER}\nsecond`);
    await gitea().putStatusComment(ISSUE, "ET-001", "running");
    await gitea().putStatusComment(ISSUE, "ET-001", "done");
    expect(bodies()).toEqual([`${MARKER}\ndone`, `${MARKER}\nsecond`]);
  });

  it("is never another's comment that carries the marker, nor ours that quotes it", async () => {
    double.humanComment(REPO, 1, "mallory", `${MARKER}\nnothing to see`);
    double.humanComment(REPO, 1, "devbot", `> ${MARKER}\nquoted`);
    await gitea().putStatusComment(ISSUE, "ET-001", "running");
    expect(bodies()[2]).toBe(`${MARKER}\nrunning`);
    expect(bodies()[0]).toContain("nothing to see");
  });

  it("isn't taken for absent when the comments can't be read", async () => {
    await gitea().putStatusComment(ISSUE, "ET-001", "waiting");
    double.failNext(1, 502);
    const work = gitea().putStatusComment(ISSUE, "ET-001", "running");
    await expect(work).rejects.toMatchObject({ retryable: true });
    expect(bodies()).toHaveLength(1);
  });
});

describe("reactions", () => {
  it("are eyes and thumbs, of the bot, once each", async () => {
    const { id } = double.humanComment(REPO, 1, "alice", "/approve");
    expect(await gitea().react(ISSUE, String(id), "seen")).toBe(true);
    expect(await gitea().react(ISSUE, String(id), "seen")).toBe(true);
    expect(await gitea().react(ISSUE, String(id), "refused")).toBe(true);
    expect(await gitea().react(ISSUE, String(id), "looking")).toBe(true);
    expect(double.reactions(id)).toEqual(["+1", "-1", "eyes"]);
  });

  it("can't be given where the server forbids them, so that words are needed", async () => {
    const { id } = double.humanComment(REPO, 1, "alice", "/approve");
    double.failNext(1, 403);
    expect(await gitea().react(ISSUE, String(id), "seen")).toBe(false);
  });

  it("are asked for again when the server is in trouble", async () => {
    const { id } = double.humanComment(REPO, 1, "alice", "/approve");
    double.failNext(1, 503);
    await expect(gitea().react(ISSUE, String(id), "seen")).rejects.toMatchObject({
      retryable: true,
    });
  });
});

describe("closing an issue", () => {
  it("says, once and for all, that open issues block it", async () => {
    const blocker = double.addIssue({ repo: REPO, title: "Blocker" });
    double.setDependencies(REPO, 1, [blocker]);
    const work = gitea().closeIssue(ISSUE);
    await expect(work).rejects.toMatchObject({ code: "tracker-refused", retryable: false });
    await expect(work).rejects.toThrow("acme/rocket#1 can't be closed while issues that block it");
    expect(double.issues[0]?.open).toBe(true);
    double.close(REPO, blocker.number);
    await gitea().closeIssue(ISSUE);
    expect(double.issues[0]?.open).toBe(false);
  });

  it("that isn't there is refused", async () => {
    const work = gitea().closeIssue({ ...ISSUE, number: 99 });
    await expect(work).rejects.toMatchObject({ retryable: false, status: 404 });
  });
});
