import type { Fleet, Project } from "../domain/fleet.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import type { Logger } from "../telemetry/logger.js";

/** What work has left on this host's disk. All of it can be had again from the remotes. */
export interface HostFolders {
  /** Items that have checkouts here, each with the time of its last use in ms. */
  checkouts(): Promise<readonly { readonly item: string; readonly usedAt: number }[]>;
  /** Removes an item's checkouts from this host; one that a run still holds stays. */
  remove(item: string): Promise<void>;
  /**
   * Removes what crashed processes left, and mirrors of other projects than these that nothing
   * borrows from; packs the others about once a day.
   */
  tidy(projects: readonly Project[]): Promise<void>;
}

export interface HousekeepingDeps {
  readonly items: { find(id: string): Promise<Pick<WorkItem, "status"> | null> };
  readonly fleet: Pick<Fleet, "projects">;
  readonly folders: HostFolders;
  readonly log: Logger;
  readonly clock: () => number;
  /** How long the checkout of an item that isn't finished is kept unused, in ms. */
  readonly keepCheckoutsMs: number;
}

/** Keeps a host's disk use bounded. May run in several processes at once, and be killed anywhere. */
export async function keepHouse(deps: HousekeepingDeps): Promise<void> {
  for (const { item, usedAt } of await deps.folders.checkouts()) {
    const idle = deps.clock() - usedAt > deps.keepCheckoutsMs;
    if (idle || (await isOver(deps, item))) await removeCheckouts(deps, item);
  }
  await deps.folders.tidy(deps.fleet.projects);
}

/** An item nobody knows is as good as finished: a checkout holds nothing of its own. */
async function isOver(deps: HousekeepingDeps, id: string): Promise<boolean> {
  const item = await deps.items.find(id);
  return item === null || isFinished(item);
}

/** One that can't be removed, as by rights an agent's user took, must not keep the others. */
async function removeCheckouts(deps: HousekeepingDeps, item: string): Promise<void> {
  try {
    await deps.folders.remove(item);
    deps.log.debug({ item }, "checkouts removed");
  } catch (error) {
    deps.log.warn({ err: error, item }, "checkouts could not be removed");
  }
}
