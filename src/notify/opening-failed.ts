import { mergeRefused } from "../domain/merge.js";
import { openingFailed } from "../domain/opening.js";
import type { Notification } from "../engine/flows.js";
import { driveOutbox } from "../engine/outbox.js";
import { isForVersionOf } from "../engine/pull-request.js";
import { TrackerError } from "../engine/tracker.js";
import type { TellDeps } from "./tell-deps.js";

/**
 * Nobody tries any more to do this by itself. Where an item waits for it, as it does for its pull
 * request and its merge, a person must know.
 */
export async function giveUp(
  deps: TellDeps,
  notification: Notification,
  error: unknown,
): Promise<void> {
  const { item: id, effect } = notification;
  if (id === null || (effect.kind !== "pull-request" && effect.kind !== "merge")) return;
  const why = error instanceof TrackerError ? error.message : "Something unexpected is in the way.";
  const at = new Date(deps.clock()).toISOString();
  const undone = effect.kind === "merge" ? "unmerged" : "unopened";
  const cause = { id: `${undone}-${effect.id}`, text: effect.id, at };
  await deps.items.transition(id, (item) => {
    if (effect.kind !== "merge") {
      return isForVersionOf(item, notification) ? openingFailed(item, why, cause) : null;
    }
    const reason = `Its pull request couldn't be merged, however often that was tried. ${why}`;
    return item.status === "waiting" ? mergeRefused(item, reason, cause) : null;
  });
  await driveOutbox(deps, id);
}
