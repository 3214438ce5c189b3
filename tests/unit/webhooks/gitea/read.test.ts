import { describe, expect, it } from "vitest";
import type { DomainEvent } from "../../../../src/domain/events.js";
import { readGitea } from "../../../../src/webhooks/gitea/read.js";
import type { Reading } from "../../../../src/webhooks/reading.js";
import { project, rocketFleet } from "../../../support/rocket-fleet.js";
import { fixture } from "../../../support/signed-request.js";

const repository = { full_name: "acme/rocket", name: "rocket" };
const mira = { login: "mira" };
const bot = { login: "DevBot" };

function read(eventType: string | undefined, body: object, fleet = rocketFleet()): Reading {
  return readGitea({ eventType, event: undefined }, body, fleet);
}

function readFixture(name: string): Reading {
  const { headers, signed } = fixture(`gitea/${name}`);
  const sent = { eventType: headers["X-Gitea-Event-Type"], event: headers["X-Gitea-Event"] };
  return readGitea(sent, JSON.parse(signed.toString()), rocketFleet());
}

function eventOf(reading: Reading): DomainEvent {
  if (reading.kind !== "event") throw new Error(JSON.stringify(reading));
  return reading.event;
}

const issues = (action: string, issue: object = {}) => ({
  action,
  issue: { number: 161, ...issue },
  repository,
});

describe("Gitea's issues", () => {
  it("become an event with all that is used of them", () => {
    expect(eventOf(readFixture("issues_assigned_to_bot"))).toEqual({
      kind: "issue",
      project: "rocket",
      tracker: "gitea",
      action: "assigned",
      number: 318,
      planeId: null,
      title: "Frame counter wraps → dashboard shows “NaN” 🚨 (テレメトリ)",
      url: "https://git.acme.example/acme/rocket/issues/318",
      assigned: true,
      open: true,
      updatedAt: "2026-06-12T11:20:44+02:00",
    });
  });

  it("need no field that isn't used, nor any header", () => {
    const body = issues("assigned", { assignee: bot });
    expect(eventOf(read("issue_assign", body))).toMatchObject({ number: 161, assigned: true });
    expect(eventOf(read(undefined, body))).toMatchObject({ kind: "issue", action: "assigned" });
    const { number: _, ...issue } = body.issue;
    expect(eventOf(read("issues", { ...body, issue, number: 7 }))).toMatchObject({ number: 7 });
  });

  it("count all assignees, and the single one only where there is no list", () => {
    const both = issues("assigned", { assignee: mira, assignees: [mira, bot] });
    expect(eventOf(read("issue_assign", both))).toMatchObject({ assigned: true });
    const emptied = issues("assigned", { assignee: bot, assignees: [] });
    expect(read("issue_assign", emptied)).toMatchObject({ kind: "ignored" });
  });

  for (const action of ["opened", "assigned"]) {
    it(`are ignored when ${action} without the bot`, () => {
      expect(read("issues", issues(action, { assignees: [mira] })).kind).toBe("ignored");
    });
  }

  for (const action of ["edited", "unassigned", "closed", "reopened", "deleted"]) {
    it(`are used when ${action}, whoever is assigned and whoever did it`, () => {
      const body = { ...issues(action, { assignees: null, assignee: null }), sender: bot };
      expect(eventOf(read("issues", body))).toMatchObject({ action, assigned: false });
    });
  }

  it("are ignored for actions not used and for pull requests", () => {
    expect(read("issue_label", issues("label_updated")).kind).toBe("ignored");
    expect(read("issues", issues("toString")).kind).toBe("ignored");
    expect(read("issues", issues("closed", { pull_request: { merged: true } })).kind).toBe(
      "ignored",
    );
  });

  it("are open unless they say or did otherwise", () => {
    expect(eventOf(read("issues", issues("edited")))).toMatchObject({ open: true });
    expect(eventOf(read("issues", issues("edited", { state: "closed" })))).toMatchObject({
      open: false,
    });
    expect(eventOf(read("issues", issues("deleted", { state: "open" })))).toMatchObject({
      open: false,
    });
  });

  it("are malformed without a number, naming the field", () => {
    const reading = read("issues", { action: "closed", issue: {}, repository });
    expect(reading).toEqual({ kind: "malformed", detail: "issue.number: is missing" });
  });
});

describe("a repository", () => {
  const closed = (repo: object) => ({ ...issues("closed"), repository: repo });
  const two = rocketFleet([
    project(),
    project({ name: "probe", repo: "acme/probe", prefix: "PR" }),
    project({ name: "copy", repo: "mira/probe", prefix: "MP" }),
  ]);

  it("is found by its full name in any case", () => {
    const reading = read("issues", closed({ full_name: "Mira/Probe" }), two);
    expect(eventOf(reading)).toMatchObject({ project: "copy" });
  });

  it("is found by its name alone only if that fits exactly one", () => {
    expect(eventOf(read("issues", closed({ name: "rocket" }), two)).project).toBe("rocket");
    expect(read("issues", closed({ name: "probe" }), two).kind).toBe("ignored");
  });

  it("is ignored when unknown, malformed when not named, first of all", () => {
    expect(read("issues", closed({ full_name: "acme/other", name: "rocket" }), two).kind).toBe(
      "ignored",
    );
    expect(read("issues", closed({}), two)).toMatchObject({ kind: "malformed" });
    const unknown = { action: "closed", repository: { full_name: "x/y" } };
    expect(read("issues", unknown, two).kind).toBe("malformed");
  });
});

describe("Gitea's comments", () => {
  const comment = (changes: object = {}) => ({
    action: "created",
    issue: { number: 5 },
    comment: { id: 8, body: "/retry", user: mira },
    is_pull: false,
    repository,
    sender: mira,
    ...changes,
  });

  it("bring author, time and text", () => {
    const body = { id: 8, body: "/retry", user: mira, created_at: "2026-03-01T12:00:00+01:00" };
    expect(eventOf(read("issue_comment", comment({ comment: body })))).toEqual({
      kind: "comment",
      project: "rocket",
      tracker: "gitea",
      commentId: "8",
      number: 5,
      planeId: null,
      onPullRequest: false,
      author: ["mira"],
      at: "2026-03-01T12:00:00+01:00",
      text: "/retry",
    });
  });

  it("are cut at 4,000 characters without breaking one", () => {
    const body = `${"x".repeat(3_999)}🚀`;
    const reading = read("issue_comment", comment({ comment: { id: 8, body, user: mira } }));
    expect(eventOf(reading)).toMatchObject({ text: "x".repeat(3_999) });
  });

  it("are ignored when edited, deleted, or the bot's", () => {
    expect(read("issue_comment", comment({ action: "edited" })).kind).toBe("ignored");
    expect(read("issue_comment", comment({ action: "deleted" })).kind).toBe("ignored");
    expect(read("issue_comment", comment({ sender: bot })).kind).toBe("ignored");
    const own = { id: 8, body: "", user: bot };
    expect(read("issue_comment", comment({ comment: own })).kind).toBe("ignored");
  });

  it("stand on a pull request if the body says so, whatever the header claims", () => {
    expect(eventOf(read("pull_request_comment", comment({ is_pull: true })))).toMatchObject({
      onPullRequest: true,
    });
    expect(read("pull_request_comment", comment()).kind).toBe("malformed");
  });

  it("are not issues: a deleted comment doesn't delete its issue", () => {
    expect(read("issues", comment({ action: "deleted" })).kind).toBe("malformed");
    expect(read(undefined, comment({ action: "deleted" })).kind).toBe("ignored");
  });
});

describe("Gitea's pushes", () => {
  const push = (changes: object = {}) => ({
    ref: "refs/heads/feature/ET-001-x",
    before: "a",
    after: "b",
    repository,
    sender: mira,
    ...changes,
  });

  it("name the branch whole, a test delivery's too", () => {
    const branch = "feature/ET-001-x";
    expect(eventOf(read("push", push()))).toMatchObject({ kind: "push", branch });
    expect(eventOf(read("push", push({ after: "a" })))).toMatchObject({ before: "a", after: "a" });
  });

  it("are ignored for tags and from the bot", () => {
    expect(read("push", push({ ref: "refs/tags/v1" })).kind).toBe("ignored");
    expect(read("push", push({ ref: "refs/tags/v1", after: "a" })).kind).toBe("ignored");
    expect(read("push", push({ sender: bot })).kind).toBe("ignored");
  });

  it("have a counterpart for vanished branches, but not for tags, nor for created ones", () => {
    const gone = { ref: "feature/ET-001-x", ref_type: "branch", repository };
    expect(eventOf(read("delete", gone))).toMatchObject({
      kind: "branch-deleted",
      branch: gone.ref,
    });
    expect(read("delete", { ...gone, ref_type: "tag" }).kind).toBe("ignored");
    expect(read("delete", { ...gone, sha: "b" }).kind).toBe("malformed");
    expect(read("create", { ...gone, sha: "b" }).kind).toBe("ignored");
  });
});

describe("Gitea's pull requests", () => {
  const pull = (action: string, changes: object = {}, sender: object = mira) => ({
    action,
    pull_request: {
      number: 330,
      merged: false,
      head: { ref: "feature/ET-001-x", label: "feature/ET-001-x", repo_id: 1 },
      base: { repo_id: 1 },
      ...changes,
    },
    repository,
    sender,
  });

  it("tell merged from closed", () => {
    expect(eventOf(readFixture("pull_request_closed_merged"))).toMatchObject({
      kind: "pull-request",
      action: "merged",
      number: 330,
      branch: "devbot/issue-318",
    });
    expect(eventOf(read("pull_request", pull("closed")))).toMatchObject({ action: "closed" });
  });

  it("keep their branch's name once it is gone", () => {
    const head = { ref: "refs/pull/330/head", label: "feature/ET-001-x" };
    const reading = read("pull_request", pull("closed", { head, merged: true }));
    expect(eventOf(reading)).toMatchObject({ branch: "feature/ET-001-x" });
  });

  it("are ignored from the bot, from forks, and for actions not used", () => {
    expect(read("pull_request", pull("opened", {}, bot)).kind).toBe("ignored");
    const head = { ref: "feature/ET-001-x", repo_id: 2 };
    expect(read("pull_request", pull("opened", { head })).kind).toBe("ignored");
    expect(read("pull_request_label", pull("label_updated")).kind).toBe("ignored");
    expect(read("pull_request", pull("constructor")).kind).toBe("ignored");
  });

  it("are reviewed as the body says, under either header", () => {
    expect(eventOf(readFixture("pull_request_review_approved"))).toMatchObject({
      action: "approved",
    });
    expect(eventOf(readFixture("pull_request_review_rejected"))).toMatchObject({
      action: "rejected",
    });
    const body = { ...pull("reviewed"), review: { type: "pull_request_review_comment" } };
    const byEvent = { eventType: undefined, event: "pull_request_comment" };
    expect(eventOf(readGitea(byEvent, body, rocketFleet()))).toMatchObject({ action: "commented" });
    expect(read("pull_request_review_approved", body).kind).toBe("malformed");
    expect(read("pull_request", body).kind).toBe("malformed");
    expect(read("pull_request_review_approved", pull("reviewed")).kind).toBe("malformed");
  });
});

describe("results of CI", () => {
  it("are read from statuses", () => {
    expect(eventOf(readFixture("status_failure_gitea_actions"))).toEqual({
      kind: "checked",
      project: "rocket",
      tracker: "gitea",
      commit: "68ebf470f5fcf1e271ee7d44e6757590687f2b39",
      context: "CI – Prüfstand / unit tests (pull_request)",
      state: "failure",
    });
    expect(eventOf(readFixture("status_pending"))).toMatchObject({ state: "pending" });
  });

  it("are never a pass by a word nobody knows", () => {
    for (const state of ["warning", "error", "unheard-of", "toString", ""]) {
      const body = { sha: "a", context: "ci", state, repository };
      expect(eventOf(read("status", body))).not.toMatchObject({ state: "success" });
    }
  });

  it("are read from workflow runs, the bot's own too", () => {
    expect(eventOf(readFixture("workflow_run_completed_success_push"))).toMatchObject({
      kind: "checked",
      context: "CI – Prüfstand",
      state: "success",
    });
    const running = { action: "in_progress", workflow_run: { head_sha: "a" }, repository };
    expect(eventOf(read("workflow_run", running))).toMatchObject({ state: "pending" });
  });

  it("are read from Forgejo's runs, whose repository stands in the run", () => {
    const body = (action: string) => ({
      action,
      run: { commit_sha: "abc", workflow_id: "ci.yml", repository },
    });
    for (const [action, state] of [
      ["success", "success"],
      ["failure", "failure"],
      ["recover", "success"],
    ]) {
      const reading = read(`action_run_${action}`, body(action ?? ""));
      expect(eventOf(reading)).toMatchObject({
        kind: "checked",
        commit: "abc",
        context: "ci.yml",
        state,
      });
    }
    expect(read("action_run_success", body("failure")).kind).toBe("malformed");
  });
});

describe("events nobody uses", () => {
  it("are ignored by name, if the body fits where that can be told", () => {
    expect(read("fork", { forkee: {}, repository }).kind).toBe("ignored");
    expect(read("fork", issues("closed")).kind).toBe("malformed");
    expect(read("brand_new", { repository }).kind).toBe("ignored");
    expect(read("hasOwnProperty", { repository }).kind).toBe("ignored");
    expect(read(undefined, { repository }).kind).toBe("ignored");
  });
});
