import type { Fleet } from "../domain/fleet.js";
import { projectNamed, providerOf, stepOf } from "../domain/fleet.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Flows } from "./flows.js";
import type { ParkedJob, ReadyItem, SlotLimits, Slots } from "./slots.js";

export interface AdmissionDeps {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly flows: Flows;
  readonly clock: () => number;
}

/**
 * Gives free slots to who is next and starts their jobs. Called whenever one or the other appears,
 * and at the moment at which something ends that keeps somebody from a slot.
 */
export async function admit(
  { slots, flows, clock }: AdmissionDeps,
  { afresh }: { readonly afresh: boolean } = { afresh: false },
): Promise<void> {
  const { grants, again } = await slots.admit(clock(), afresh);
  await Promise.all([
    ...grants.map(async (grant) => {
      // A job that isn't parked yet keeps its grant; the next admission promotes it.
      if (await flows.promote(grant.job)) await slots.promoted(grant.item);
    }),
    ...(again === null ? [] : [flows.wakeAt(again)]),
  ]);
}

/** An item whose edges are met enters its project's ready set with the job its slot will start. */
export async function becomeReady(
  deps: AdmissionDeps,
  item: WorkItem,
  job: ParkedJob,
): Promise<void> {
  // One after the other: a server that lost its scripts would admit before the item is ready.
  if (await joinReady(deps, item, job)) await admit(deps);
}

/** Without admitting yet. False: nobody works in its stage any more. */
export async function joinReady(
  deps: AdmissionDeps,
  item: WorkItem,
  job: ParkedJob,
): Promise<boolean> {
  const ready = describeReady(deps.fleet, item, job);
  if (ready === null) return false;
  await deps.slots.ready(ready, deps.clock());
  return true;
}

function describeReady(fleet: Fleet, item: WorkItem, job: ParkedJob): ReadyItem | null {
  const project = projectNamed(fleet, item.project);
  const role = stepOf(fleet, item)?.agent;
  const settings = role === undefined ? undefined : project?.agents[role];
  if (role === undefined || settings === undefined) return null;
  return {
    item: item.id,
    version: item.version,
    project: item.project,
    order: item.order,
    role,
    provider: providerOf(fleet, settings, item.metadata.assignedAgent),
    job,
  };
}

/** A project's own limit, and the strictest one configured for a role, since roles are fleet-wide. */
export function slotLimits(fleet: Fleet): SlotLimits {
  const roles: Record<string, number> = {};
  for (const project of fleet.projects) {
    for (const [role, settings] of Object.entries(project.agents)) {
      if (settings.maxConcurrent === null) continue;
      roles[role] = Math.min(roles[role] ?? Number.POSITIVE_INFINITY, settings.maxConcurrent);
    }
  }
  return {
    projects: Object.fromEntries(fleet.projects.map((p) => [p.name, p.maxConcurrentRuns])),
    roles,
  };
}
