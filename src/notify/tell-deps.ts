import type { Project } from "../domain/fleet.js";
import type { Locks } from "../engine/locks.js";
import type { OutboxDeps } from "../engine/outbox.js";
import type { Forge, Tracker } from "../engine/tracker.js";

/** What telling needs of the world. */
export interface TellDeps extends OutboxDeps {
  readonly locks: Locks;
  /** Null: no such tracker is configured. */
  readonly tracker: (name: Tracker["name"]) => Tracker | null;
  readonly forgeOf: (project: Project) => Forge | null;
  /** Telegram and the like; at least once. */
  readonly notify: (text: string) => Promise<void>;
  /** The item's page, for links; null: unknown. */
  readonly pageOf: (item: string) => string | null;
}
