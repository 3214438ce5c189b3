import type { Stage } from "../domain/stage.js";
import type { ItemStatus } from "../domain/work-item.js";

/** That an item was written, and where it stands now. */
export interface ItemChange {
  readonly item: string;
  readonly stage: Stage;
  readonly status: ItemStatus;
}

/**
 * Tells of every item that is written, by whichever process. It only hastens what a later look would
 * find: nothing may rest on it.
 */
export interface ItemChanges {
  /**
   * `listener` gets each change, and null where some may have been missed before: first of all once it
   * misses none any more. Returns how to stop.
   */
  follow(listener: (change: ItemChange | null) => void): () => void;
}
