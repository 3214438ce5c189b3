import type { Notification } from "../engine/flows.js";
import type { JobOutcome } from "../engine/jobs.js";
import { type Tracker, TrackerError } from "../engine/tracker.js";

/** Closes the issue of an item that is done; a person is told, once, where the tracker refuses. */
export async function closeIssue(
  tracker: Tracker,
  { address, effect }: Notification,
): Promise<JobOutcome> {
  try {
    await tracker.closeIssue(address);
    return { kind: "finished", note: "closed" };
  } catch (error) {
    if (!(error instanceof TrackerError) || error.retryable) throw error;
    const body = `**This issue could not be closed:** ${error.message}`;
    await tracker.comment(address, `${effect.id}-refused`, body);
    return { kind: "finished", note: error.message };
  }
}
