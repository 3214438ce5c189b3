import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { type PlaneDouble, startPlaneDouble } from "../../src/demo/plane-double.js";
import type { PlaneProject } from "../../src/domain/fleet.js";
import { createGitea } from "../../src/trackers/gitea.js";
import { createPlane } from "../../src/trackers/plane.js";
import type { TrackerWorld } from "../contracts/tracker.js";

export const SECRET = "s3cr3t-token";
export const BOT = "devbot";
export const REPO = "acme/rocket";
export const PLANE_PROJECT: PlaneProject = {
  workspace: "acme",
  project: "dae7de73-d31a-440a-8114-1d7b3a5f1274",
  start: "created",
  states: {},
};
const TEXT = "Wrap at 65535.\n\n## Dependencies\n- Blocked by: #160\n";
const HTML = "<p>Wrap at 65535.</p><h2>Dependencies</h2><ul><li><p>Blocked by: #160</p></li></ul>";

/** A `fetch` whose server accepts and never answers once `hang` was called. */
function hanging() {
  let hangs = false;
  const fetch: typeof globalThis.fetch = (input, init) =>
    hangs
      ? new Promise((_resolve, reject) => {
          const signal = init?.signal;
          signal?.addEventListener("abort", () => reject(signal.reason));
        })
      : globalThis.fetch(input, init);
  return {
    fetch,
    hang: () => {
      hangs = true;
    },
  };
}

/** `stop` may be called by a test and again after it. */
function once(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | null = null;
  return () => {
    stopped ??= stop();
    return stopped;
  };
}

export async function giteaWorld(): Promise<TrackerWorld & { readonly double: GiteaDouble }> {
  const double = await startGiteaDouble({
    token: SECRET,
    bot: BOT,
    repos: [REPO],
    maxPageSize: 3,
  });
  const { number } = double.addIssue({ repo: REPO, title: "Count frames", body: TEXT });
  const { fetch, hang } = hanging();
  const options = { url: `${double.url}/`, token: SECRET, bot: BOT };
  return {
    double,
    tracker: createGitea(options),
    stranger: createGitea({ ...options, token: "wrong" }),
    impatient: createGitea({ ...options, fetch, timeoutMs: 50 }),
    secret: SECRET,
    issue: { tracker: "gitea", repo: REPO, number },
    missing: { tracker: "gitea", repo: REPO, number: 99_999 },
    place: { tracker: "gitea", repo: REPO },
    anotherIssue: () => {
      const issue = double.addIssue({ repo: REPO, title: "Another", assignees: [BOT] });
      return { tracker: "gitea", repo: REPO, number: issue.number };
    },
    comments: () => double.comments(REPO, number).map(({ body }) => body),
    humanComment: (text) => String(double.humanComment(REPO, number, "alice", text).id),
    reactions: (comment) => double.reactions(Number(comment)),
    missingComment: "999999",
    assignBot: () => double.assign(REPO, number, BOT),
    assignSomeone: () => double.assign(REPO, number, "alice"),
    finish: () => double.close(REPO, number),
    failNext: double.failNext,
    limit: () => double.rateLimit(30),
    hang,
    stop: once(double.stop),
  };
}

export async function planeWorld(
  age: "current" | "old",
): Promise<TrackerWorld & { readonly double: PlaneDouble }> {
  const { workspace, project } = PLANE_PROJECT;
  const double = await startPlaneDouble({
    apiKey: SECRET,
    bot: BOT,
    workspace,
    projects: [project],
    age,
    pageSize: 3,
  });
  const { id } = double.addIssue({ project, name: "Count frames", descriptionHtml: HTML });
  const { fetch, hang } = hanging();
  const options = { url: double.url, apiKey: SECRET, bot: BOT, projects: [PLANE_PROJECT] };
  return {
    double,
    tracker: createPlane(options),
    stranger: createPlane({ ...options, apiKey: "wrong" }),
    impatient: createPlane({ ...options, fetch, timeoutMs: 50 }),
    secret: SECRET,
    issue: { tracker: "plane", workspace, project, id },
    place: { tracker: "plane", workspace, project },
    anotherIssue: () => {
      const issue = double.addIssue({ project, name: "Another", assignees: [BOT] });
      return { tracker: "plane", workspace, project, id: issue.id };
    },
    missing: { tracker: "plane", workspace, project, id: "0b0cdd4b-1b5a-4a5e-b3b8-54d0d21ae1ff" },
    comments: () => double.comments(id).map(({ html }) => html),
    humanComment: (text) => double.humanComment(id, "alice", `<p>${text}</p>`).id,
    reactions: () => null,
    missingComment: "0b0cdd4b-1b5a-4a5e-b3b8-54d0d21ae1ff",
    assignBot: () => double.assign(id, ["alice", BOT]),
    assignSomeone: () => double.assign(id, ["alice"]),
    finish: () => double.moveTo(id, "Done"),
    failNext: double.failNext,
    limit: () => double.rateLimit(Math.ceil(Date.now() / 1000) + 30),
    hang,
    stop: once(double.stop),
  };
}
