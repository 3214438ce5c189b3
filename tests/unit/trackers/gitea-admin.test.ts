import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GiteaDouble, startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { createGiteaAdmin } from "../../../src/trackers/gitea-admin.js";

const REPO = "acme/rocket";
const hook = { url: "https://fleet.example/webhook/gitea", secret: "first", events: ["push"] };

let double: GiteaDouble;
beforeEach(async () => {
  double = await startGiteaDouble({ token: "t", bot: "devbot", repos: [REPO], maxPageSize: 2 });
});
afterEach(() => double.stop());

const gitea = () => createGiteaAdmin({ url: double.url, token: "t", timeoutMs: 5_000 });

describe("webhooks", () => {
  it("are made active, listed over all pages, and gone when they are removed, also twice", async () => {
    const made = [];
    for (let count = 0; count < 3; count++) made.push(await gitea().addHook(REPO, hook));
    expect(made[0]).toMatchObject({ url: hook.url, active: true, events: ["push"] });
    expect(await gitea().hooks(REPO)).toEqual(made);
    for (let again = 0; again < 2; again++) await gitea().removeHook(REPO, made[0]?.id ?? 0);
    expect(await gitea().hooks(REPO)).toEqual(made.slice(1));
  });

  it("keep their secret and their header when they are changed", async () => {
    const { id } = await gitea().addHook(REPO, hook);
    const change = { url: hook.url, events: ["issues"], authorization: "Bearer x" };
    const changed = await gitea().changeHook(REPO, id, change);
    expect(changed).toMatchObject({ active: true, authorization: "Bearer x", branchFilter: "*" });
    expect(changed.events).toContain("issue_assign");
    expect(changed.events).not.toContain("push");
    expect(double.hooksMade).toMatchObject([{ secret: "first", authorization: "Bearer x" }]);
  });
});

describe("rights", () => {
  it("are the account's, none in what can't be seen", async () => {
    double.setAccount({ admin: false });
    expect(await gitea().rights(REPO)).toEqual({ admin: false, push: true });
    expect(await gitea().rights("acme/secret")).toBeNull();
  });

  it("to write are tried on what doesn't exist, and nothing changes", async () => {
    await gitea().tryWriting(REPO, "issues");
    await gitea().tryWriting(REPO, "pulls");
    expect(double.issues).toEqual([]);
    double.setAccount({ lacks: ["write:issue"] });
    await expect(gitea().tryWriting(REPO, "issues")).rejects.toMatchObject({ status: 403 });
    await gitea().tryWriting(REPO, "pulls");
  });
});
