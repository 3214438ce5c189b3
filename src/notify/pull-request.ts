import { openingWentOn } from "../domain/opening.js";
import { noted } from "../domain/transition.js";
import type { Notification } from "../engine/flows.js";
import { type JobOutcome, stale } from "../engine/jobs.js";
import { driveOutbox } from "../engine/outbox.js";
import { isForVersionOf } from "../engine/pull-request.js";
import { type OpenPullRequest, type Tracker, TrackerError } from "../engine/tracker.js";
import { forgeWork, openPullRequest } from "./forge-work.js";
import type { TellDeps } from "./tell-deps.js";

/**
 * Opens the pull request that a version's work waits for. What can't be helped is told to a person,
 * once, and holds nobody up; what may pass is thrown, and tried again.
 */
export async function openFirst(
  deps: TellDeps,
  notification: Notification,
  tracker: Tracker,
): Promise<JobOutcome> {
  const work = await forgeWork(deps, notification);
  if (work === null) return stale("the project has no forge");
  try {
    const pull = await openPullRequest(work);
    await note(deps, work.item.id, pull, notification);
    await goOn(deps, work.item.id, notification);
    return { kind: "finished", note: `#${pull.number}` };
  } catch (error) {
    if (!(error instanceof TrackerError) || error.retryable) throw error;
    const told = await complain(tracker, notification, work.item.id, error.message);
    return { kind: "finished", note: `not opened: ${error.message}; ${told}` };
  }
}

/** Kept on the item, so that the status comment can link it. */
async function note(
  deps: TellDeps,
  id: string,
  { number, url }: OpenPullRequest,
  { effect }: Notification,
): Promise<void> {
  const at = new Date(deps.clock()).toISOString();
  const cause = { id: `pull-request-${number}`, text: effect.id, at };
  await deps.items.transition(id, (item) =>
    item.pullRequest?.number === number
      ? null
      : noted(item, cause, { pullRequest: { number, url } }, [], [{ kind: "status-comment" }]),
  );
  await driveOutbox(deps, id);
}

/** An item that stood still since this couldn't be opened is under way again. */
async function goOn(deps: TellDeps, id: string, notification: Notification): Promise<void> {
  const { effect } = notification;
  const at = new Date(deps.clock()).toISOString();
  const cause = { id: `opened-${effect.id}`, text: effect.id, at };
  const changed = await deps.items.transition(id, (item) =>
    isForVersionOf(item, notification) ? openingWentOn(item, cause) : null,
  );
  if (changed !== null) await driveOutbox(deps, id);
}

/** A comment that is refused as well must not hold up the work either; the job's note keeps both. */
async function complain(
  tracker: Tracker,
  { address }: Notification,
  item: string,
  reason: string,
): Promise<string> {
  const body = `**No pull request could be opened for ${item}.** ${reason}\n\nThe work goes on without one.`;
  try {
    await tracker.comment(address, `${item}-no-pull-request`, body);
    return "a comment says so";
  } catch (error) {
    if (!(error instanceof TrackerError) || error.retryable) throw error;
    return `the comment was refused too: ${error.message}`;
  }
}
