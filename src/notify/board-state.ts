import { issueKey } from "../domain/issue.js";
import type { TrackerState } from "../domain/tracker-state.js";
import type { Notification } from "../engine/flows.js";
import type { JobOutcome } from "../engine/jobs.js";
import type { Tracker } from "../engine/tracker.js";
import type { TellDeps } from "./tell-deps.js";

/** Longer than a tracker's calls may take together. */
const LOCK_MS = 60_000;
const BUSY_MS = 50;

/**
 * Moves an issue to the state it is to be in now. Jobs of earlier states may run late, so none sets
 * its own: one at a time, each sets the latest, and the last to run leaves what the last transition
 * asked for.
 */
export async function putState(
  deps: TellDeps,
  notification: Notification,
  asked: TrackerState,
  tracker: Tracker,
): Promise<JobOutcome> {
  const { address } = notification;
  const key = issueKey(address);
  const unlock = await deps.locks.take(`state:${key}`, LOCK_MS);
  if (unlock === null) {
    const at = new Date(deps.clock() + BUSY_MS);
    return { kind: "later", at, reason: "another state of this issue is being set" };
  }
  try {
    const id = (await deps.items.ofIssue(key)) ?? notification.item;
    const item = id === null ? null : await deps.items.find(id);
    const state = item?.trackerState ?? asked;
    await tracker.setState(address, state);
    return { kind: "finished", note: state };
  } finally {
    await unlock();
  }
}
