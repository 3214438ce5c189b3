import { describe, expect, it } from "vitest";
import { startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { startPlaneDouble } from "../../../src/demo/plane-double.js";

const REPO = "acme/rocket";
const PROJECT = "dae7de73-d31a-440a-8114-1d7b3a5f1274";

describe("the doubles refuse what the real ones refuse", () => {
  const call = async (url: string, method = "GET", headers = {}, body?: unknown) => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(url, { method, headers, redirect: "manual", ...init });
    return [response.status, await response.text()] as const;
  };

  it("Gitea", async () => {
    const double = await startGiteaDouble({ token: "t", bot: "devbot", repos: [REPO] });
    const issue = double.addIssue({ repo: REPO, title: "x" });
    const blocked = double.addIssue({ repo: REPO, title: "y" });
    double.setDependencies(REPO, blocked.number, [issue]);
    const repo = `${double.url}/api/v1/repos/${REPO}`;
    const known = { authorization: "token t" };
    const body = { body: "hello" };
    const close = { state: "closed" };
    expect((await call(`${repo}/issues/1`))[0]).toBe(401);
    expect((await call(`${repo}/issues/1`, "GET", { authorization: "Bearer t" }))[0]).toBe(401);
    expect((await call(`${repo}/issues/9`, "GET", known))[0]).toBe(404);
    expect(await call(`${repo}/issues/9/comments`, "POST", known, body)).toEqual([
      500,
      '{"message":""}',
    ]);
    expect((await call(`${repo}/issues/2`, "PATCH", known, close))[0]).toBe(412);
    expect((await call(`${repo}/issues/1`, "PATCH", known, close))[0]).toBe(201);
    expect((await call(`${repo}/issues/2`, "PATCH", known, close))[0]).toBe(201);
    await double.stop();
  });

  it("Gitea's merges", async () => {
    const double = await startGiteaDouble({ token: "t", bot: "devbot", repos: [REPO] });
    const head = "a".repeat(40);
    const add = (title = "x") =>
      double.addPullRequest({ repo: REPO, head: "b", headSha: head, title }).number;
    const merge = async (number: number, body: object = { Do: "merge" }) => {
      const url = `${double.url}/api/v1/repos/${REPO}/pulls/${number}/merge`;
      const [status, text] = await call(url, "POST", { authorization: "token t" }, body);
      return text === "" ? [status] : [status, Reflect.get(JSON.parse(text), "message")];
    };
    const [closed, merged, wip, held] = [add(), add(), add("WIP: x"), add()];
    double.closePullRequest(REPO, closed);
    double.holdPullRequest(REPO, held, { conflict: "found" });
    expect((await merge(99))[0]).toBe(404);
    expect((await merge(closed))[0]).toBe(404);
    expect((await merge(merged, {}))[0]).toBe(422);
    expect(await merge(wip)).toEqual([405, "Work in progress PRs cannot be merged"]);
    expect(await merge(held)).toEqual([405, "Please try again later"]);
    const wrong = { Do: "merge", head_commit_id: "b".repeat(40) };
    expect(await merge(merged, wrong)).toEqual([409, "head out of date"]);
    expect(await merge(merged, { Do: "merge", head_commit_id: head })).toEqual([200]);
    expect(await merge(merged)).toEqual([405, ""]);
    await double.stop();
  });

  it("a second merge while Gitea is at the first", async () => {
    const merged: string[] = [];
    const double = await startGiteaDouble({
      token: "t",
      bot: "devbot",
      repos: [REPO],
      merge: async (_repo, head) => {
        merged.push(head);
        await expect.poll(() => double.requests.length).toBeGreaterThan(1);
        // What came before this one has been looked at when it is answered.
        await call(`${double.url}/api/v1/version`);
        return true;
      },
    });
    const headSha = "a".repeat(40);
    const { number } = double.addPullRequest({ repo: REPO, head: "feature/a", headSha });
    const merge = async () => {
      const path = `/api/v1/repos/${REPO}/pulls/${number}/merge`;
      const known = { authorization: "token t" };
      return (await call(`${double.url}${path}`, "POST", known, { Do: "merge" }))[0];
    };
    expect((await Promise.all([merge(), merge()])).sort()).toEqual([200, 405]);
    expect(merged).toEqual(["feature/a"]);
    await double.stop();
  });

  it("Gitea's reactions and pages", async () => {
    const double = await startGiteaDouble({ token: "t", bot: "devbot", repos: [REPO, "acme/pad"] });
    const known = { authorization: "token t" };
    const { number } = double.addIssue({ repo: REPO, title: "x" });
    const { id } = double.humanComment(REPO, number, "mira", "/approve");
    const react = async (content: string, comment = id, repo = REPO) => {
      const url = `${double.url}/api/v1/repos/${repo}/issues/comments/${comment}/reactions`;
      return (await call(url, "POST", known, { content }))[0];
    };
    expect([await react("+1"), await react("+1"), await react("-1")]).toEqual([201, 200, 201]);
    expect(await react("party")).toBe(403);
    expect([await react("+1", 99), await react("+1", id, "acme/pad")]).toEqual([404, 404]);
    for (let i = 0; i < 60; i++) double.setStatus(REPO, "abc", `check-${i}`, "success");
    const list = `${double.url}/api/v1/repos/${REPO}/commits/abc/statuses`;
    const sizes = ["", "?limit=100", "?limit=100&page=2", "?limit=100&page=3"].map(
      async (query) => JSON.parse((await call(`${list}${query}`, "GET", known))[1]).length,
    );
    expect(await Promise.all(sizes)).toEqual([30, 50, 10, 0]);
    await double.stop();
  });

  it("Plane", async () => {
    const double = await startPlaneDouble({
      apiKey: "k",
      bot: "devbot",
      workspace: "acme",
      projects: [PROJECT],
    });
    const { id } = double.addIssue({ project: PROJECT, name: "x" });
    const item = `${double.url}/api/v1/workspaces/acme/projects/${PROJECT}/work-items/${id}`;
    const known = { "x-api-key": "k" };
    expect((await call(`${item}/`))[0]).toBe(401);
    expect((await call(`${item}/`, "GET", { "x-api-key": "other" }))[0]).toBe(403);
    expect((await call(item, "GET", known))[0]).toBe(301);
    expect((await call(item, "PATCH", known, {}))[0]).toBe(404);
    expect((await call(`${item}/`, "PATCH", known, { state: "nowhere" }))[0]).toBe(400);
    expect((await call(`${item}/`, "GET", known))[0]).toBe(200);
    await double.stop();
  });
});
