import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GiteaDouble, startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { createGitea } from "../../../src/trackers/gitea.js";

const REPO = "acme/rocket";
const HEAD = "a".repeat(40);

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

const gitea = () => createGitea({ url: double.url, token: "secret", bot: "DevBot" });

describe("statuses", () => {
  it("are the latest of every context, over all pages", async () => {
    for (let i = 0; i < 8; i++) double.setStatus(REPO, HEAD, `check-${i}`, "success");
    double.setStatus(REPO, HEAD, "check-0", "failure");
    double.setStatus(REPO, HEAD, "check-1", "pending");
    double.setStatus(REPO, HEAD, "check-2", "error");
    const statuses = await gitea().checks(REPO, HEAD);
    expect(statuses.size).toBe(8);
    expect([0, 1, 2, 3].map((i) => statuses.get(`check-${i}`))).toEqual([
      "failure",
      "pending",
      "failure",
      "success",
    ]);
  });

  it("don't pass for success when a check was skipped or warned", async () => {
    double.setStatus(REPO, HEAD, "skipped", "skipped");
    double.setStatus(REPO, HEAD, "warned", "warning");
    expect([...(await gitea().checks(REPO, HEAD)).values()]).toEqual(["failure", "failure"]);
  });

  it("are none on a commit nobody checked", async () => {
    expect((await gitea().checks(REPO, HEAD)).size).toBe(0);
  });
});

describe("checks", () => {
  const checks = async () => Object.fromEntries(await gitea().checks(REPO, HEAD));

  it("are contexts and, by the names of their files, workflows", async () => {
    double.setStatus(REPO, HEAD, "CI / unit (push)", "success");
    double.setRun(REPO, HEAD, { file: "ci.yml", status: "completed", conclusion: "success" });
    double.setRun(REPO, HEAD, { file: "lint.yml", status: "in_progress" });
    double.setRun(REPO, HEAD, { file: "slow.yml" });
    double.setRun(REPO, HEAD, { file: "bad.yml", status: "completed", conclusion: "cancelled" });
    double.setRun(REPO, HEAD, { file: "none.yml", status: "completed", conclusion: "skipped" });
    expect(await checks()).toEqual({
      "CI / unit (push)": "success",
      "ci.yml": "success",
      "lint.yml": "pending",
      "slow.yml": "pending",
      "bad.yml": "failure",
      "none.yml": "failure",
    });
  });

  it("of a workflow are its latest run's, and the worst of its events'", async () => {
    const done = { file: "ci.yml", status: "completed" } as const;
    double.setRun(REPO, HEAD, { ...done, conclusion: "failure" });
    double.setRun(REPO, HEAD, { ...done, conclusion: "success" });
    expect(await checks()).toEqual({ "ci.yml": "success" });
    const second = double.setRun(REPO, HEAD, { file: "ci.yml", event: "pull_request" });
    expect(await checks()).toEqual({ "ci.yml": "pending" });
    double.setRun(REPO, HEAD, { ...second, status: "completed", conclusion: "failure" });
    double.setRun(REPO, HEAD, { ...done, conclusion: "success" });
    expect(await checks()).toEqual({ "ci.yml": "failure" });
    double.setRun(REPO, HEAD, { ...second, status: "completed", conclusion: "success" });
    double.setRun(REPO, HEAD, { ...done, conclusion: "failure" });
    expect(await checks()).toEqual({ "ci.yml": "failure" });
  });

  it("of another commit don't count, on any page", async () => {
    double.setRun(REPO, HEAD, { file: "ci.yml", status: "completed", conclusion: "failure" });
    for (let i = 0; i < 7; i++) {
      double.setRun(REPO, HEAD, { file: `${i}.yml`, status: "completed", conclusion: "success" });
      double.setRun(REPO, "b".repeat(40), {
        file: "ci.yml",
        status: "completed",
        conclusion: "success",
      });
    }
    expect((await checks())["ci.yml"]).toBe("failure");
    expect(Object.keys(await checks())).toHaveLength(8);
  });

  it("are contexts alone where Actions are off, or the server doesn't know of them", async () => {
    double.setStatus(REPO, HEAD, "ci", "success");
    double.setRun(REPO, HEAD, { file: "ci.yml" });
    double.switchActionsOff(REPO);
    expect(await checks()).toEqual({ ci: "success" });
  });

  it("believe a context rather than a workflow of its name", async () => {
    double.setStatus(REPO, HEAD, "ci.yml", "failure");
    double.setRun(REPO, HEAD, { file: "ci.yml", status: "completed", conclusion: "success" });
    expect(await checks()).toEqual({ "ci.yml": "failure" });
  });

  it("aren't taken for none when they can't be read", async () => {
    double.setRun(REPO, HEAD, { file: "ci.yml" });
    const failing: typeof globalThis.fetch = (input, init) => {
      if (String(input).includes("/actions/runs")) double.failNext(1, 500);
      return globalThis.fetch(input, init);
    };
    const client = createGitea({ url: double.url, token: "secret", bot: "b", fetch: failing });
    await expect(client.checks(REPO, HEAD)).rejects.toMatchObject({ retryable: true });
  });

  it("of Forgejo are read too, which ignores the filter and ends a run by its status", async () => {
    const run = (id: number, commit_sha: string, status: string) => ({
      id,
      commit_sha,
      status,
      workflow_id: "ci.yml",
      event: "push",
    });
    const forgejo: typeof globalThis.fetch = async (input) =>
      Response.json(
        String(input).includes("/actions/runs")
          ? { workflow_runs: [run(1, HEAD, "success"), run(2, "b".repeat(40), "failure")] }
          : [],
        { headers: { "x-total-count": "2" } },
      );
    const client = createGitea({ url: double.url, token: "secret", bot: "b", fetch: forgejo });
    expect(Object.fromEntries(await client.checks(REPO, HEAD))).toEqual({ "ci.yml": "success" });
  });
});
