import { type IssueEvent, looksLikeStart } from "../domain/events.js";
import { type Project, projectNamed } from "../domain/fleet.js";
import type { IssueKey } from "../domain/issue.js";
import { cancelled } from "../domain/item-life.js";
import type { Cause } from "../domain/transition.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import type { JobOutcome } from "../engine/jobs.js";
import { driveOutbox, releaseDependents } from "../engine/outbox.js";
import { issueTextOf } from "../webhooks/issue-text.js";
import type { AcceptedDelivery } from "../webhooks/ports.js";
import { finishMerged, pullRequestsOf, takeInCode } from "./code-events.js";
import { type IntakeDeps, keyOf } from "./deps.js";
import { withdrawEdges } from "./edges.js";
import { hearComment } from "./hear-comment.js";
import { type IssueNow, issueNow } from "./issue-now.js";
import { recovering } from "./reconcile/recovering.js";
import { editIssue, noLongerExpected, startIssue } from "./start-issue.js";

/** Deliveries of one issue are taken in one by one; a worker that dies lets go after this, in ms. */
const ISSUE_LOCK_MS = 30_000;
const BUSY_MS = 100;

/** Acts on one delivery. Doing it again changes nothing. */
export async function takeIn(given: IntakeDeps, delivery: AcceptedDelivery): Promise<JobOutcome> {
  const { event, recovery } = delivery;
  const deps = recovery === undefined ? given : recovering(given, recovery);
  const project = projectNamed(deps.fleet, event.project);
  if (project === undefined) return finished(`config no longer knows project ${event.project}`);
  const cause = causeOf(deps, delivery);
  switch (event.kind) {
    case "issue": {
      const told = { ...delivery, event };
      const key = keyOf(project, event);
      const work = (known: Known) => takeInIssue(deps, project, told, known, cause);
      return oneByOne(deps, key, () => knownOf(deps, key, told), work);
    }
    case "comment":
      return finished(await hearComment(deps, project, event, cause));
    default:
      return finished(await takeInCode(deps, project, event, cause));
  }
}

function finished(note: string): JobOutcome {
  return { kind: "finished", note };
}

/** Read at once, an assignment and its end would each believe the other still to come. */
async function oneByOne<Seen>(
  deps: IntakeDeps,
  key: IssueKey,
  look: () => Promise<Seen>,
  work: (seen: Seen) => Promise<string>,
): Promise<JobOutcome> {
  const locking = deps.locks.take(`issue:${key}`, ISSUE_LOCK_MS);
  // A connection's commands are carried out in their order: what is read behind the lock is read under it.
  const looking = look();
  looking.catch(() => undefined);
  const unlock = await locking;
  if (unlock === null) {
    const at = new Date(deps.clock() + BUSY_MS);
    return { kind: "later", at, reason: "another delivery of this issue is being taken in" };
  }
  try {
    return finished(await work(await looking));
  } finally {
    await unlock();
  }
}

/**
 * After these the item may be gone, and with it what was known of the issue. That somebody was
 * unassigned ends nothing by itself: it needn't have been the bot.
 */
const ENDINGS: readonly IssueEvent["action"][] = ["closed", "deleted"];

function latest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) > Date.parse(other) ? one : other;
}

type IssueDelivery = AcceptedDelivery & { readonly event: IssueEvent };

/** What is known of an issue before its delivery is read. */
interface Known {
  readonly id: string | null;
  readonly ended: string | null;
  readonly body: string | null;
}

async function knownOf(deps: IntakeDeps, key: IssueKey, delivery: IssueDelivery): Promise<Known> {
  const [id, ended, body] = await Promise.all([
    deps.items.ofIssue(key),
    deps.endings.last(key),
    deps.bodyOf(delivery.fingerprint),
  ]);
  return { id, ended, body };
}

async function takeInIssue(
  deps: IntakeDeps,
  project: Project,
  delivery: IssueDelivery,
  { id, ended, body }: Known,
  cause: Cause,
): Promise<string> {
  const { action } = delivery.event;
  const key = keyOf(project, delivery.event);
  if (ENDINGS.includes(action)) await deps.endings.note(key, delivery.event.updatedAt);
  if (action === "deleted") {
    await withdrawEdges(deps, key);
    return endItem(deps, id, null, cause, "The issue was deleted.");
  }
  const item = id === null ? null : await deps.items.find(id);
  const seenAt = latest(item?.issueUpdatedAt ?? null, ended);
  // The assignment may come after it, with the text of before.
  if (action === "edited" && item === null) await deps.endings.note(key, delivery.event.updatedAt);
  const text = body === null ? null : issueTextOf(delivery.event.tracker, body);
  const issue = await issueNow(deps, project, { event: delivery.event, text }, seenAt);
  const noStart = async (why: string) => {
    if (!looksLikeStart(delivery.event)) return why;
    await noLongerExpected(deps, project, delivery.event.number);
    return why;
  };
  switch (action) {
    case "opened":
    case "assigned":
      return startsWork(project, action, issue)
        ? startIssue(deps, project, issue, id, cause)
        : noStart("this project starts work when the bot is assigned");
    case "edited":
      if (item !== null && isOpenAgain(project, item, issue)) {
        await deps.items.release(key);
        return startIssue(deps, project, issue, null, cause);
      }
      return editIssue(deps, project, issue, cause);
    case "reopened":
      if (!issue.open || !issue.assigned) return noStart("not open and assigned");
      if (item !== null && !isFinished(item)) {
        return startIssue(deps, project, issue, item.id, cause);
      }
      await deps.items.release(key);
      return startIssue(deps, project, issue, null, cause);
    case "unassigned":
      if (issue.assigned) return "the bot is still assigned";
      await deps.endings.note(key, delivery.event.updatedAt);
      // Where a Plane project starts by creation the bot needs no assignment, so it can't lose it.
      if (issue.address.tracker === "plane" && project.plane?.start !== "assigned") {
        return "this project doesn't work by assignment";
      }
      return endItem(deps, id, key, cause, "The bot was unassigned.");
    case "closed":
      if (issue.open) return "the issue is open again";
      if (item !== null) return closeItem(deps, project, item, cause);
      await releaseDependents(deps, key);
      return "the issue had no item";
  }
}

/** Plane says of an issue that was closed and is open again only that its state changed. */
function isOpenAgain(project: Project, item: WorkItem, issue: IssueNow): boolean {
  const wanted = project.plane?.start === "created" || issue.assigned;
  const closed = item.status === "cancelled" && item.closed === true;
  return issue.address.tracker === "plane" && closed && issue.open && wanted;
}

/** Gitea starts by assignment alone; a Plane project says in config which of the two starts. */
function startsWork(project: Project, action: IssueEvent["action"], issue: IssueNow): boolean {
  if (!issue.open) return false;
  if (issue.address.tracker === "gitea") return issue.assigned;
  return project.plane?.start === "created" ? action === "opened" : issue.assigned;
}

/** A merge may close the issue, and be told of later: then the work is done, else it is over. */
async function closeItem(
  deps: IntakeDeps,
  project: Project,
  item: WorkItem,
  cause: Cause,
): Promise<string> {
  const pulls = isFinished(item) ? [] : await pullRequestsOf(deps, project, item.branch);
  const merged = pulls.find((pull) => pull.merged);
  if (merged === undefined) {
    return endItem(deps, item.id, null, cause, "The issue was closed.", { closed: true });
  }
  return finishMerged(deps, item.id, merged.number, cause);
}

async function endItem(
  deps: IntakeDeps,
  id: string | null,
  release: string | null,
  cause: Cause,
  reason: string,
  mark: Pick<WorkItem, "closed"> = {},
): Promise<string> {
  const end = (item: WorkItem) => {
    if (isFinished(item)) return null;
    const ending = cancelled(item, reason, cause);
    return { ...ending, item: { ...ending.item, ...mark } };
  };
  const ended = id === null ? null : await deps.items.transition(id, end);
  if (release !== null) await deps.items.release(release);
  if (id === null) return "no item is under way";
  // Also when it had ended: whoever ended it may have died before its effects.
  await driveOutbox(deps, id);
  return ended === null ? `${id} has ended already` : `${id} is cancelled`;
}

/** Deliveries of the same content have the same fingerprint, so the same effects. */
function causeOf(deps: IntakeDeps, delivery: AcceptedDelivery): Cause {
  return {
    id: `d${delivery.fingerprint.slice(0, 16)}`,
    text: `delivery ${delivery.delivery}`,
    at: new Date(deps.clock()).toISOString(),
  };
}
