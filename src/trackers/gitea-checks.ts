import type { CheckState } from "../engine/tracker.js";
import { everyPage, firstPages } from "./gitea-pages.js";
import { isStatus, repoPath } from "./gitea-paths.js";
import { type GiteaWorkflowRun, statusShape, workflowRunsShape } from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import { type HttpClient, segment } from "./http-client.js";

/** One commit has few runs; a server that ignores the filter would list those of years. */
const PAGES_OF_RUNS = 4;

type States = ReadonlyMap<string, CheckState>;

/**
 * Reads the list, not the combined status, which Gitea computes over one page. Only `success` is
 * success: a check that was skipped, or passed with a warning, has not shown what the gate asks.
 */
async function statuses(http: HttpClient, repo: string, commit: string): Promise<States> {
  const path = `${repoPath(repo)}/commits/${segment(commit)}/statuses`;
  const all = await everyPage(http, path, statusShape);
  const latest = new Map<string, CheckState>();
  for (const { context, status } of all.sort((one, other) => one.id - other.id)) {
    latest.set(context, status === "pending" || status === "success" ? status : "failure");
  }
  return latest;
}

export async function checks(http: HttpClient, repo: string, commit: string): Promise<States> {
  const contexts = await statuses(http, repo, commit);
  return new Map([...(await workflows(http, repo, commit)), ...contexts]);
}

/**
 * Workflows by the name of their file, which is all a run says of itself. Each is as bad as the
 * latest of its runs for each event: one commit is often run for its push and its pull request.
 */
async function workflows(http: HttpClient, repo: string, commit: string): Promise<States> {
  const runs = (await runsOf(http, repo, commit)).sort((one, other) => one.id - other.id);
  const latest = new Map(runs.map((run) => [`${fileOf(run)} ${run.event ?? ""}`, run]));
  const states = new Map<string, CheckState>();
  for (const run of latest.values()) {
    const file = fileOf(run);
    if (file !== "") states.set(file, worse(states.get(file), stateOf(run)));
  }
  return states;
}

/** None where the server is too old for the call (404), or Actions are off in the repository (403). */
async function runsOf(http: HttpClient, repo: string, commit: string): Promise<GiteaWorkflowRun[]> {
  const list = {
    path: `${repoPath(repo)}/actions/runs`,
    query: `head_sha=${segment(commit)}&`,
    read: (body: unknown) =>
      expectShape(workflowRunsShape, body, "Gitea's workflow runs").workflow_runs ?? [],
  };
  try {
    const runs = await firstPages(http, list, PAGES_OF_RUNS);
    return runs.filter((run) => (run.head_sha ?? run.commit_sha) === commit);
  } catch (error) {
    if (isStatus(error, 404) || isStatus(error, 403)) return [];
    throw error;
  }
}

function fileOf({ path, workflow_id }: GiteaWorkflowRun): string {
  return workflow_id || path?.split("@")[0] || "";
}

/** Words that end a run without success; any we don't know means that it isn't over. */
const FAILED: ReadonlySet<string> = new Set([
  "failure",
  "cancelled",
  "skipped",
  "timed_out",
  "neutral",
  "action_required",
  "completed",
]);

/** Gitea's finished runs have a conclusion; Forgejo's status is it. */
function stateOf({ status, conclusion }: GiteaWorkflowRun): CheckState {
  const word = conclusion || status || "";
  if (word === "success") return "success";
  return FAILED.has(word) ? "failure" : "pending";
}

const BADNESS: Readonly<Record<CheckState, number>> = { success: 0, pending: 1, failure: 2 };

function worse(one: CheckState | undefined, other: CheckState): CheckState {
  return one !== undefined && BADNESS[one] > BADNESS[other] ? one : other;
}
