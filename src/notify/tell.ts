import { type Fleet, type Project, projectNamed } from "../domain/fleet.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Notification } from "../engine/flows.js";
import { type JobOutcome, stale } from "../engine/jobs.js";
import type { Locks } from "../engine/locks.js";
import { type Forge, type Tracker, TrackerError } from "../engine/tracker.js";
import type { WorkItems } from "../engine/work-items.js";
import { renderStatusComment } from "./status-comment.js";
import { TelegramError } from "./telegram.js";

export interface TellDeps {
  readonly fleet: Fleet;
  readonly items: WorkItems;
  readonly locks: Locks;
  /** Null: no such tracker is configured. */
  readonly tracker: (name: Tracker["name"]) => Tracker | null;
  readonly forgeOf: (project: Project) => Forge | null;
  /** Telegram and the like; at least once. */
  readonly notify: (text: string) => Promise<void>;
  /** The item's page, for links; null: unknown. */
  readonly pageOf: (item: string) => string | null;
  readonly clock: () => number;
}

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
  if (tracker === null) return stale(`no ${address.tracker} is configured`);
  switch (effect.kind) {
    case "comment":
      await tracker.comment(address, effect.id, effect.body);
      return { kind: "finished", note: "commented" };
    case "tracker-state":
      await tracker.setState(address, effect.state);
      return { kind: "finished", note: effect.state };
    case "status-comment":
      return putStatus(deps, notification, tracker);
    case "pull-request":
      return openPullRequest(deps, notification);
  }
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
      page: deps.pageOf(item.id),
    });
    await tracker.putStatusComment(address, item.id, markdown);
    return { kind: "finished", note: `${item.stage}, ${item.status}` };
  } finally {
    await unlock();
  }
}

async function openPullRequest(deps: TellDeps, notification: Notification): Promise<JobOutcome> {
  const item = notification.item === null ? null : await deps.items.find(notification.item);
  const project = projectNamed(deps.fleet, notification.project);
  const forge = project === undefined ? null : deps.forgeOf(project);
  if (item === null || project === undefined || project.repo === null || forge === null) {
    return stale("the project has no forge");
  }
  const pull = await forge.openPullRequest({
    repo: project.repo,
    head: item.branch,
    base: project.baseBranch,
    title: `${item.id}: ${item.title}`,
    body: bodyOf(item),
  });
  return { kind: "finished", note: `#${pull.number}` };
}

/** Mentions the issue without a closing word: whether a merge closes it is config's to say. */
function bodyOf(item: WorkItem): string {
  const issue = item.issue.tracker === "gitea" ? `For #${item.issue.number}.` : "";
  return `Work item ${item.id}. ${issue}`.trim();
}

/** What can't help again fails and is seen; a named time is waited for; the rest is tried again. */
function afterFault(deps: TellDeps, error: unknown): JobOutcome {
  if (!(error instanceof TrackerError || error instanceof TelegramError)) throw error;
  if (!error.retryable) return { kind: "failed", reason: error.message };
  if (error.retryAfterMs === null) throw error;
  const at = new Date(deps.clock() + error.retryAfterMs);
  return { kind: "later", at, reason: error.message };
}
