import type { RunRecord } from "../domain/run.js";
import type { WorkItem } from "../domain/work-item.js";
import type { OutboxDeps } from "./outbox.js";
import { RUN_LEASE_MS } from "./slots.js";

export interface OwnershipDeps extends Pick<OutboxDeps, "items" | "slots" | "clock" | "log"> {
  /** How often a run looks whether it still owns its item, in ms. */
  readonly heartbeatMs: number;
}

/** A run's hold on its item. */
export interface Ownership {
  /** Aborts when the item was taken away, or the worker has to go. */
  readonly signal: AbortSignal;
  /** Does the run still own its item, with its slot? */
  holds(): Promise<boolean>;
  stop(): void;
}

/** Extends the slot's lease while the run owns its item, and stops the agent once it doesn't. */
export function watchOwnership(
  deps: OwnershipDeps,
  item: WorkItem,
  run: RunRecord,
  outer: AbortSignal,
): Ownership {
  const lost = new AbortController();
  const holds = async () => {
    const now = await deps.items.find(item.id);
    const owned = now?.version === item.version && now.run?.id === run.id;
    return owned && (await deps.slots.hold(item.id, item.version, deps.clock(), RUN_LEASE_MS));
  };
  const look = async () => {
    if (!(await holds())) lost.abort(new Error("the item moved on"));
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) =>
      deps.log.warn({ err: error, run: run.id }, "heartbeat failed"),
    );
  }, deps.heartbeatMs);
  return {
    signal: AbortSignal.any([outer, lost.signal]),
    holds,
    stop: () => clearInterval(timer),
  };
}
