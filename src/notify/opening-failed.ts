import { openingFailed } from "../domain/opening.js";
import type { Notification } from "../engine/flows.js";
import { driveOutbox } from "../engine/outbox.js";
import { isForVersionOf } from "../engine/pull-request.js";
import { TrackerError } from "../engine/tracker.js";
import type { TellDeps } from "./tell-deps.js";

/**
 * Nobody tries any more to tell this by itself. Where an item's work waits for it, as it does for its
 * pull request alone, a person must know.
 */
export async function giveUp(
  deps: TellDeps,
  notification: Notification,
  error: unknown,
): Promise<void> {
  const { item: id, effect } = notification;
  if (effect.kind !== "pull-request" || id === null) return;
  const why = error instanceof TrackerError ? error.message : "Something unexpected is in the way.";
  const at = new Date(deps.clock()).toISOString();
  const cause = { id: `unopened-${effect.id}`, text: effect.id, at };
  await deps.items.transition(id, (item) =>
    isForVersionOf(item, notification) ? openingFailed(item, why, cause) : null,
  );
  await driveOutbox(deps, id);
}
