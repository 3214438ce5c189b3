import { z } from "zod";
import type { CommitChecked } from "../../domain/events.js";
import type { Fleet } from "../../domain/fleet.js";
import { event, malformed, type Reading, shaped } from "../reading.js";
import { inProject, type Repository, repositorySchema } from "./repository.js";

type State = CommitChecked["state"];

/** Words of commit statuses and of conclusions; one we don't know is never a pass. */
const STATES: Readonly<Record<string, State>> = {
  success: "success",
  skipped: "success",
  neutral: "success",
  failure: "failure",
  error: "failure",
  warning: "failure",
  cancelled: "failure",
  timed_out: "failure",
  action_required: "failure",
};

function stateOf(word: string | null | undefined): State {
  return (word && Object.hasOwn(STATES, word) && STATES[word]) || "pending";
}

const statusSchema = z.object({
  sha: z.string(),
  state: z.string(),
  context: z.string(),
  repository: repositorySchema,
});

/** `status`: what a CI says of a commit, whoever triggered it. */
export function readStatus(body: unknown, fleet: Fleet): Reading {
  return shaped(statusSchema, body, ({ sha, state, context, repository }) =>
    checked(fleet, repository, sha, context, stateOf(state)),
  );
}

const workflowRunSchema = z.object({
  action: z.string(),
  workflow: z.object({ name: z.string().nullish() }).nullish(),
  workflow_run: z.object({
    head_sha: z.string(),
    path: z.string().nullish(),
    status: z.string().nullish(),
    conclusion: z.string().nullish(),
  }),
  repository: repositorySchema,
});

/** `workflow_run`; runs of pull requests name no branch, so the commit is what counts. */
export function readWorkflowRun(body: unknown, fleet: Fleet): Reading {
  return shaped(workflowRunSchema, body, ({ action, workflow, workflow_run: run, repository }) => {
    const state = action === "completed" ? stateOf(run.conclusion) : "pending";
    return checked(fleet, repository, run.head_sha, workflow?.name ?? run.path ?? "", state);
  });
}

const actionRunSchema = z.object({
  action: z.enum(["success", "failure", "recover", "recovered"]),
  run: z.object({
    commit_sha: z.string(),
    workflow_id: z.string().nullish(),
    repository: repositorySchema,
  }),
});

/** Forgejo's `action_run_success|failure|recover`; the repository stands in the run. */
export function readActionRun(body: unknown, fleet: Fleet, routedBy: string): Reading {
  return shaped(actionRunSchema, body, ({ action, run }) => {
    const said = action === "recovered" ? "recover" : action;
    if (routedBy !== `action_run_${said}`) return malformed(`action: does not fit ${routedBy}`);
    const state = said === "failure" ? "failure" : "success";
    return checked(fleet, run.repository, run.commit_sha, run.workflow_id ?? "", state);
  });
}

function checked(
  fleet: Fleet,
  repository: Repository,
  commit: string,
  context: string,
  state: State,
): Reading {
  return inProject(fleet, repository, (project) =>
    event({ kind: "checked", project: project.name, tracker: "gitea", commit, context, state }),
  );
}
