import { z } from "zod";
import type { Fleet } from "../../domain/fleet.js";
import { ignored, type Reading, shaped } from "../reading.js";
import { readActionRun, readStatus, readWorkflowRun } from "./checks.js";
import { readComment } from "./comment.js";
import { readIssue } from "./issue.js";
import { readPullRequest, readReview } from "./pull-request.js";
import { readDelete, readPush } from "./push.js";

type Reader = (body: unknown, fleet: Fleet, routedBy: string) => Reading;

/** Event → what is told apart by it and used by nobody, with the field that only its body has. */
const UNUSED: Readonly<Record<string, string>> = {
  create: "ref_type",
  fork: "forkee",
  package: "package",
  release: "release",
  repository: "repository",
  wiki: "page",
  workflow_job: "workflow_job",
};

/** `X-Gitea-Event-Type`: says exactly what it is. */
const BY_TYPE: Readonly<Record<string, Reader>> = {
  issues: readIssue,
  issue_assign: readIssue,
  issue_label: readIssue,
  issue_milestone: readIssue,
  issue_comment: readComment,
  pull_request_comment: readComment,
  pull_request: readPullRequest,
  pull_request_assign: readPullRequest,
  pull_request_label: readPullRequest,
  pull_request_milestone: readPullRequest,
  pull_request_sync: readPullRequest,
  pull_request_review_request: readPullRequest,
  pull_request_review_approved: readReview,
  pull_request_review_rejected: readReview,
  pull_request_review_comment: readReview,
  push: readPush,
  delete: readDelete,
  status: readStatus,
  workflow_run: readWorkflowRun,
  action_run_success: readActionRun,
  action_run_failure: readActionRun,
  action_run_recover: readActionRun,
};

/** `X-Gitea-Event`: the same, but reviews go by names of which one is a comment's type above. */
const BY_EVENT: Readonly<Record<string, Reader>> = {
  ...BY_TYPE,
  pull_request_approved: readReview,
  pull_request_rejected: readReview,
  pull_request_comment: readReview,
};

export interface GiteaHeaders {
  readonly eventType: string | undefined;
  readonly event: string | undefined;
}

/** The event a delivery is routed by: the type, else the event, else what the shape gives away. */
export function giteaEventOf(headers: GiteaHeaders, body: unknown): string | undefined {
  return headers.eventType ?? headers.event ?? (looksLikeIssue(body) ? "issues" : undefined);
}

/** Turns a Gitea or Forgejo body into an event; headers aren't signed, so the body must fit them. */
export function readGitea(headers: GiteaHeaders, body: unknown, fleet: Fleet): Reading {
  const routedBy = giteaEventOf(headers, body);
  if (routedBy === undefined) return ignored("no event is named");
  const readers = headers.eventType === undefined ? BY_EVENT : BY_TYPE;
  const reader = Object.hasOwn(readers, routedBy) ? readers[routedBy] : undefined;
  return reader === undefined ? readUnused(routedBy, body) : reader(body, fleet, routedBy);
}

function readUnused(routedBy: string, body: unknown): Reading {
  const field = Object.hasOwn(UNUSED, routedBy) ? UNUSED[routedBy] : undefined;
  const schema = field === undefined ? z.looseObject({}) : z.looseObject({ [field]: present });
  return shaped(schema, body, () => ignored(`event ${routedBy.slice(0, 64)} is not used`));
}

const present = z.unknown().refine((value) => value !== undefined && value !== null, {
  message: "is missing",
});

const issueLike = z.object({
  action: z.string(),
  issue: z.looseObject({}),
  comment: z.never().optional(),
});

function looksLikeIssue(body: unknown): boolean {
  return issueLike.safeParse(body).success;
}
