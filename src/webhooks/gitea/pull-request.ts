import { z } from "zod";
import type { PullRequestEvent } from "../../domain/events.js";
import type { Fleet } from "../../domain/fleet.js";
import { event, ignored, malformed, type Reading, sameName, shaped } from "../reading.js";
import { inProject, type Repository, repositorySchema, senderSchema } from "./repository.js";

const sideSchema = z.object({ repo_id: z.int().nullish() });

const pullRequestSchema = z.object({
  number: z.int(),
  merged: z.boolean().nullish(),
  head: sideSchema.extend({ ref: z.string(), label: z.string().nullish() }),
  base: sideSchema.nullish(),
});

const bodySchema = z.object({
  action: z.string(),
  pull_request: pullRequestSchema,
  repository: repositorySchema,
  sender: senderSchema,
  // A comment on a pull request may bring it along.
  comment: z.never().optional(),
});

const pullRequestBodySchema = bodySchema.extend({ review: z.null().optional() });

type Action = PullRequestEvent["action"];

const ACTIONS: Readonly<Record<string, Action>> = {
  opened: "opened",
  closed: "closed",
  reopened: "reopened",
  synchronized: "synchronized",
};

/** `pull_request`; merged is closed with `merged: true`. */
export function readPullRequest(body: unknown, fleet: Fleet): Reading {
  return shaped(pullRequestBodySchema, body, (sent) => {
    const action = Object.hasOwn(ACTIONS, sent.action) ? ACTIONS[sent.action] : undefined;
    const merged = action === "closed" && sent.pull_request.merged === true;
    return pullRequestEvent(sent, fleet, merged ? "merged" : action);
  });
}

const REVIEWS = {
  pull_request_review_approved: "approved",
  pull_request_review_rejected: "rejected",
  pull_request_review_comment: "commented",
} as const satisfies Record<string, Action>;

const reviewBodySchema = bodySchema.extend({
  review: z.object({
    type: z.enum(Object.keys(REVIEWS) as (keyof typeof REVIEWS)[]),
  }),
});

/**
 * A submitted review. The header that names its kind isn't signed, so the body decides: an approval
 * can't be made of a rejection by claiming so.
 */
export function readReview(body: unknown, fleet: Fleet, routedBy: string): Reading {
  return shaped(reviewBodySchema, body, (sent) => {
    const { type } = sent.review;
    const claimed = routedBy.replace(/^pull_request_(review_)?/, "pull_request_review_");
    if (claimed !== type) return malformed(`review.type: does not fit the event ${claimed}`);
    return pullRequestEvent(sent, fleet, REVIEWS[type]);
  });
}

interface Sent {
  readonly action: string;
  readonly pull_request: z.infer<typeof pullRequestSchema>;
  readonly repository: Repository;
  readonly sender?: z.infer<typeof senderSchema>;
}

function pullRequestEvent(sent: Sent, fleet: Fleet, action: Action | undefined): Reading {
  return inProject(fleet, sent.repository, (project) => {
    const { number, head, base } = sent.pull_request;
    if (action === undefined) {
      return ignored(`pull request action ${sent.action.slice(0, 64)} is not used`);
    }
    if (sameName(sent.sender?.login, fleet.bot))
      return ignored("the pull request is the bot's own");
    if (head.repo_id && base?.repo_id && head.repo_id !== base.repo_id) {
      // A fork may name its branch like one of ours; it is none of ours.
      return ignored("the pull request comes from a fork");
    }
    return event({
      kind: "pull-request",
      project: project.name,
      tracker: "gitea",
      action,
      number,
      branch: branchOf(head),
    });
  });
}

/** Once the branch is gone `ref` is `refs/pull/<n>/head`; `label` keeps its name. */
function branchOf(head: { ref: string; label?: string | null | undefined }): string {
  return head.ref.startsWith("refs/pull/") && head.label ? head.label : head.ref;
}
