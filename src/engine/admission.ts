import type { Fleet } from "../domain/fleet.js";
import { projectNamed, providerOf, stepOf } from "../domain/fleet.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Flows } from "./flows.js";
import type { Admission, Grant, ParkedJob, ReadyItem, SlotLimits, Slots } from "./slots.js";

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
  deps: AdmissionDeps,
  { afresh }: { readonly afresh: boolean } = { afresh: false },
): Promise<void> {
  await startGranted(deps, await deps.slots.admit(deps.clock(), afresh));
}

async function startGranted(
  { slots, flows }: AdmissionDeps,
  { grants, again }: Admission,
): Promise<void> {
  await Promise.all([
    ...grants.map(async (grant) => {
      // A job that isn't parked yet keeps its grant; the next admission promotes it.
      if (await flows.promote(grant.job)) await slots.promoted(grant.item);
    }),
    ...(again === null ? [] : [flows.wakeAt(again)]),
  ]);
}

/**
 * An item whose edges are met enters its project's ready set with the job its slot will start.
 * @param park adds that job, where it isn't there yet; true: it found its slot granted, and started it
 */
export async function becomeReady(
  deps: AdmissionDeps,
  item: WorkItem,
  job: ParkedJob,
  park: (() => Promise<boolean>) | null = null,
): Promise<void> {
  const ready = describeReady(deps.fleet, item, job);
  if (ready === null) return void (await park?.());
  const admitting = deps.slots.becomeReady(ready, deps.clock());
  // A connection's commands are carried out in their order: what is parked behind it finds its grant.
  const parking = park?.() ?? null;
  // Its fault is heard of below.
  parking?.catch(() => undefined);
  const { grants, again } = await admitting;
  const isOwn = (grant: Grant) => grant.item === item.id && grant.version === item.version;
  await Promise.all([
    startGranted(deps, { grants: grants.filter((grant) => !isOwn(grant)), again }),
    startParked(deps, item, grants.filter(isOwn), parking),
  ]);
}

async function startParked(
  deps: AdmissionDeps,
  item: WorkItem,
  own: readonly Grant[],
  parking: Promise<boolean> | null,
): Promise<void> {
  try {
    if (await parking) return;
  } catch (error) {
    // Nobody else goes without a slot for a job that isn't there.
    await deps.slots.release(item.id, item.version);
    // Where this fails too, the sweep admits.
    await admit(deps).catch(() => undefined);
    throw error;
  }
  await startGranted(deps, { grants: own, again: null });
}

/** Without admitting yet. */
export async function joinReady(
  deps: AdmissionDeps,
  item: WorkItem,
  job: ParkedJob,
): Promise<void> {
  const ready = describeReady(deps.fleet, item, job);
  if (ready !== null) await deps.slots.ready(ready, deps.clock());
}

/** Null: nobody works in its stage any more. */
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
