import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { startPlaneDouble } from "../../../src/demo/plane-double.js";
import { isSignedBy } from "../../../src/webhooks/verify.js";
import { fixture } from "../../support/signed-request.js";

interface Received {
  readonly headers: Record<string, string | string[] | undefined>;
  readonly raw: Buffer;
  readonly body: Record<string, unknown>;
}

const SECRET = "hook-secret";
const REPO = "acme/rocket";
const PROJECT = "dae7de73-d31a-440a-8114-1d7b3a5f1274";
let receiver: Server;
let hook: { url: string; secret: string };
let received: Received[];

beforeEach(async () => {
  received = [];
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const raw = Buffer.concat(chunks);
    received.push({ headers: request.headers, raw, body: JSON.parse(raw.toString("utf8")) });
    response.end("{}");
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const address = receiver.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  hook = { url: `http://127.0.0.1:${address.port}/webhook`, secret: SECRET };
});
afterEach(() => {
  receiver.closeAllConnections();
  return new Promise((resolve) => receiver.close(resolve));
});

/** Paths of all fields, so that a made-up field shows. */
function paths(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => paths(one, `${at}[]`));
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${at}.${key}`,
    ...paths(inner, `${at}.${key}`),
  ]);
}

function expectLike(got: Received | undefined, sample: string): void {
  const known = new Set(paths(JSON.parse(fixture(sample).body.toString("utf8"))));
  const made = paths(got?.body).filter((path) => path !== "" && !known.has(path));
  expect(made).toEqual([]);
  const names = Object.keys(fixture(sample).headers).map((name) => name.toLowerCase());
  expect(Object.keys(got?.headers ?? {})).toEqual(expect.arrayContaining(names));
}

const type = ({ headers }: Received) => headers["x-gitea-event-type"];

describe("the Gitea double's webhooks", () => {
  const start = () => startGiteaDouble({ token: "t", bot: "devbot", repos: [REPO], hook });

  it("are shaped and signed like Gitea's", async () => {
    const double = await start();
    const { number } = double.addIssue({ repo: REPO, title: "Zähler → 🚨" });
    double.assign(REPO, number, "devbot");
    double.humanComment(REPO, number, "mira", "/approve");
    const pull = double.addPullRequest({ repo: REPO, head: "b", headSha: "a".repeat(40) });
    double.review(REPO, pull.number, { reviewer: "aiko", state: "APPROVED" });
    double.setStatus(REPO, "a".repeat(40), "ci", "pending");
    await double.settled();
    await double.stop();
    expect(received.map(type)).toEqual([
      "issues",
      "issue_assign",
      "issue_comment",
      "pull_request",
      "pull_request_review_approved",
      "status",
    ]);
    expectLike(received[1], "gitea/issues_assigned_to_bot");
    expectLike(received[2], "gitea/issue_comment_created");
    expectLike(received[3], "gitea/pull_request_opened");
    expectLike(received[4], "gitea/pull_request_review_approved");
    expectLike(received[5], "gitea/status_pending");
    expect(received[4]?.headers["x-gitea-event"]).toBe("pull_request_approved");
    for (const { headers, raw } of received) {
      expect(isSignedBy([SECRET], raw, String(headers["x-gitea-signature"]))).toBe(true);
    }
  });

  it("tell of comments taken away, branches deleted, runs of Actions", async () => {
    const double = await start();
    const { number } = double.addIssue({ repo: REPO, title: "x" });
    const { id } = double.humanComment(REPO, number, "mira", "/approve");
    double.editComment(id, "/reject");
    double.deleteComment(id);
    double.setBranch(REPO, "b", "a".repeat(40));
    double.addPullRequest({ repo: REPO, head: "b", headSha: "a".repeat(40) });
    double.deleteBranch(REPO, "b");
    const run = double.setRun(REPO, "a".repeat(40), { file: "ci.yml" });
    double.setRun(REPO, "a".repeat(40), { ...run, status: "completed", conclusion: "success" });
    await double.settled();
    await double.stop();
    expect(received.map((one) => [type(one), one.body.action ?? one.body.ref])).toEqual([
      ["issues", "opened"],
      ["issue_comment", "created"],
      ["issue_comment", "edited"],
      ["issue_comment", "deleted"],
      ["push", "refs/heads/b"],
      ["pull_request", "opened"],
      ["pull_request", "closed"],
      ["delete", "b"],
      ["workflow_run", "requested"],
      ["workflow_run", "completed"],
    ]);
    expect(double.comments(REPO, number)).toEqual([]);
    expectLike(received[9], "gitea/workflow_run_completed_success_push");
  });

  it("of an issue created with an assignee start with the assignment", async () => {
    const double = await start();
    double.addIssue({ repo: REPO, title: "x", assignees: ["devbot"] });
    await double.settled();
    await double.stop();
    expect(received.map(({ body }) => body.action)).toEqual(["assigned", "opened"]);
  });

  it("are tried once when nobody is there", async () => {
    const double = await start();
    double.setHook({ url: "http://127.0.0.1:1/", secret: SECRET });
    double.addIssue({ repo: REPO, title: "x" });
    await double.settled();
    await double.stop();
    expect(double.delivered).toMatchObject([{ event: "issues", status: null }]);
  });
});

describe("the Plane double's webhooks", () => {
  it("are shaped and signed like Plane's, one for each field", async () => {
    const double = await startPlaneDouble({
      apiKey: "k",
      bot: "devbot",
      workspace: "acme",
      projects: [PROJECT],
      hook,
    });
    const { id } = double.addIssue({ project: PROJECT, name: "Zähler" });
    double.humanComment(id, "mira", "<p>bitte</p>");
    double.moveTo(id, "In Progress");
    await double.settled();
    await double.stop();
    expectLike(received[0], "plane/issue_created_ui_unicode");
    expectLike(received[1], "plane/issue_comment_created");
    expectLike(received[2], "plane/issue_updated_state_id_from_ui");
    expect(
      received.slice(2).map(({ body }) => Reflect.get(Object(body.activity), "field")),
    ).toEqual(["state_id", "sort_order"]);
    for (const { headers, raw } of received) {
      expect(isSignedBy([SECRET], raw, String(headers["x-plane-signature"]))).toBe(true);
    }
  });
});
