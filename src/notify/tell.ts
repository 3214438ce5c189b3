import type { IssueAddress } from "../domain/issue.js";
import type { WorkItem } from "../domain/work-item.js";
import { budgetOf } from "../engine/budget.js";
import type { Notification, OutboundEffect } from "../engine/flows.js";
import { type JobOutcome, stale } from "../engine/jobs.js";
import { type Tracker, TrackerError } from "../engine/tracker.js";
import { explain, type Why } from "../engine/why.js";
import { putState } from "./board-state.js";
import { closeIssue } from "./close-issue.js";
import { merge } from "./merge.js";
import { openFirst } from "./pull-request.js";
import { renderStatusComment } from "./status-comment.js";
import { TelegramError } from "./telegram.js";
import type { TellDeps } from "./tell-deps.js";

export type { TellDeps } from "./tell-deps.js";

/** A status comment is found, then created or edited: two at once would create two. */
const STATUS_LOCK_MS = 60_000;
const BUSY_MS = 50;

/** Tells one thing to the one who is to hear it. Doing it again changes nothing. */
export async function tell(deps: TellDeps, notification: Notification): Promise<JobOutcome> {
  try {
    return await say(deps, notification);
  } catch (error) {
    return afterFault(deps, error);
  }
}

async function say(deps: TellDeps, notification: Notification): Promise<JobOutcome> {
  const { address, effect } = notification;
  const tracker = deps.tracker(address.tracker);
  if (effect.kind === "notification") {
    await deps.notify(effect.text);
    return { kind: "finished", note: "told" };
  }
  if (effect.kind === "merge") return merge(deps, notification);
  if (tracker === null) return stale(`no ${address.tracker} is configured`);
  switch (effect.kind) {
    case "comment":
      return comment(deps, effect.place ?? address, effect.id, effect.body);
    case "reaction":
      return react(deps, effect.place ?? address, effect);
    case "tracker-state":
      return putState(deps, notification, effect.state, tracker);
    case "status-comment":
      return putStatus(deps, notification, tracker);
    case "pull-request":
      return openFirst(deps, notification, tracker);
    case "close-issue":
      return closeIssue(tracker, notification);
  }
}

/** Where the item was spoken of may be another tracker than its issue's: a pull request of a Plane item. */
async function comment(
  { tracker: named }: TellDeps,
  place: IssueAddress,
  id: string,
  body: string,
): Promise<JobOutcome> {
  const tracker = named(place.tracker);
  if (tracker === null) return stale(`no ${place.tracker} is configured`);
  await tracker.comment(place, id, body);
  return { kind: "finished", note: "commented" };
}

async function react(
  deps: TellDeps,
  place: IssueAddress,
  effect: Extract<OutboundEffect, { kind: "reaction" }>,
): Promise<JobOutcome> {
  const tracker = deps.tracker(place.tracker);
  if (tracker === null) return stale(`no ${place.tracker} is configured`);
  const shown = await tracker.react(place, effect.comment, effect.reaction);
  if (shown || effect.otherwise === null) return { kind: "finished", note: effect.reaction };
  return comment(deps, place, effect.id, effect.otherwise);
}

async function putStatus(
  deps: TellDeps,
  { item: id, address }: Notification,
  tracker: Tracker,
): Promise<JobOutcome> {
  const unlock = await deps.locks.take(`status:${id}`, STATUS_LOCK_MS);
  if (unlock === null) {
    const at = new Date(deps.clock() + BUSY_MS);
    return { kind: "later", at, reason: "another status of this item is being written" };
  }
  try {
    const item = id === null ? null : await deps.items.find(id);
    const pipeline = item === null ? undefined : deps.fleet.pipelines[item.pipeline];
    if (item === null || pipeline === undefined) return stale("config no longer knows it");
    const markdown = renderStatusComment(item, pipeline, {
      developerRuns: deps.fleet.limits.developerRuns,
      budget: await budgetOf(deps.budgets, item),
      page: deps.pageOf(item.id),
      pullRequest: item.pullRequest ?? null,
      why: await waitOf(deps, item),
    });
    await tracker.putStatusComment(address, item.id, markdown);
    return { kind: "finished", note: `${item.stage}, ${item.status}` };
  } finally {
    await unlock();
  }
}

/** What a waiting item waits for beside its turn; null: nothing. */
async function waitOf({ items }: TellDeps, { id, status }: WorkItem): Promise<Why | null> {
  const why = status === "waiting" ? await explain(items, id) : null;
  return why !== null && why.chain.length > 1 ? why : null;
}

const SHORTEST_WAIT_MS = 500;

/** What can't help again fails and is seen; a named time is waited for; the rest is tried again. */
function afterFault(deps: TellDeps, error: unknown): JobOutcome {
  if (!(error instanceof TrackerError || error instanceof TelegramError)) throw error;
  if (!error.retryable) return { kind: "failed", reason: error.message };
  if (error.retryAfterMs === null) throw error;
  const at = new Date(deps.clock() + Math.max(error.retryAfterMs, SHORTEST_WAIT_MS));
  return { kind: "later", at, reason: error.message };
}
