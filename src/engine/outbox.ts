import { type Effect, heardBy, isHeard } from "../domain/effect.js";
import { type IssueKey, issueKey } from "../domain/issue.js";
import type { Transition } from "../domain/transition.js";
import { awaitsStart, type WorkItem } from "../domain/work-item.js";
import type { Logger } from "../telemetry/logger.js";
import { type AdmissionDeps, admit, becomeReady } from "./admission.js";
import { showAnew, tellDependents, tellOf, tellOfBlockers } from "./blocker-holds.js";
import { type Budgets, settleClosed } from "./budget.js";
import type { Notifications, OutboundEffect } from "./flows.js";
import type { DependencyGraph, EdgeSource } from "./graph.js";
import { tellOfBrokenLoops } from "./loop-holds.js";
import { pullRequestFirst } from "./pull-request.js";
import type { WorkItems } from "./work-items.js";

export interface OutboxDeps extends AdmissionDeps {
  readonly items: WorkItems;
  readonly graph: DependencyGraph;
  readonly notifications: Notifications;
  readonly budgets: Budgets;
  readonly log: Logger;
}

/** How often an item's tracker is asked what blocks it, in ms. */
export const POLL_EVERY_MS = 60_000;

/** The item in the graph's agenda. */
export function pollEntry(item: string): string {
  return `item ${item}`;
}

interface Driving extends OutboxDeps {
  /** Items whose effects are being carried out here: what they owe anew is seen to by whoever began. */
  readonly driving?: ReadonlySet<string>;
}

/** Effects still owed after this long are carried out by whoever looks next. */
export const OVERDUE_MS = 15_000;
const SWEEP_LIMIT = 500;

/**
 * Carries out what an item's transitions still owe, in order, striking each off. Safe to call from
 * several processes at once and again after a crash: each effect changes nothing the second time.
 */
export async function driveOutbox(deps: Driving, id: string): Promise<void> {
  if (deps.driving?.has(id)) return;
  await carryOutAll(deps, await owedBy(deps, id));
}

/**
 * The same of an item that was just made: what it owes is known without asking, and what blocks it was
 * read since its edges were stated (`unmet`).
 */
export async function driveFirst(
  deps: OutboxDeps,
  { item, effects }: Transition,
  unmet: readonly IssueKey[],
): Promise<void> {
  await carryOutAll(deps, { item, owed: heardBy(item.issue.tracker, effects), unmet });
}

interface Owing {
  readonly item: WorkItem;
  readonly owed: readonly Effect[];
  /** Its blockers, where they were read a moment ago. */
  readonly unmet?: readonly IssueKey[];
}

async function owedBy({ items }: OutboxDeps, id: string): Promise<Owing | null> {
  const [owed, item] = await Promise.all([items.owed(id), items.find(id)]);
  return item === null ? null : { item, owed };
}

/**
 * Carrying one out may bring others: what the item is told of its blockers. One is struck off while the
 * next is carried out: to owe it a moment too long changes nothing.
 */
async function carryOutAll(deps: Driving, first: Owing | null): Promise<void> {
  if (first === null) return;
  const { id } = first.item;
  const inner: Driving = { ...deps, driving: new Set([...(deps.driving ?? []), id]) };
  const carried = new Set<string>();
  for (let owing: Owing | null = first; owing !== null; owing = await owedBy(deps, id)) {
    const owed = owing.owed.filter((effect) => !carried.has(effect.id));
    let struckOff = Promise.resolve(0);
    for (const effect of owed) {
      await Promise.all([carryOut(inner, owing, effect), struckOff]);
      struckOff = deps.items.strikeOff(id, effect);
      carried.add(effect.id);
    }
    if ((await struckOff) === 0) return;
  }
}

/**
 * Drives every item whose effects are overdue: what a process left behind when it died. An item
 * whose effects can't be carried out doesn't keep the others from theirs. Returns how many were driven.
 */
export async function sweepOutbox(deps: OutboxDeps): Promise<number> {
  const ids = await deps.items.inOutbox(deps.clock() - OVERDUE_MS, SWEEP_LIMIT);
  let driven = 0;
  for (const id of ids) {
    try {
      await driveOutbox(deps, id);
      deps.log.warn({ item: id }, "carried out effects that were left behind");
      driven += 1;
    } catch (error) {
      deps.log.error({ item: id, err: error }, "effects can't be carried out; they stay owed");
    }
  }
  return driven;
}

async function carryOut(deps: OutboxDeps, { item, unmet }: Owing, effect: Effect): Promise<void> {
  switch (effect.kind) {
    case "flow":
      return addFlow(deps, item, effect, unmet);
    case "release-slot":
      await deps.slots.release(item.id, effect.version, effect.run);
      return admit(deps);
    case "discard-flow":
      return dropFlow(deps, item, effect.version);
    case "waive-edge":
      await deps.graph.waive(issueKey(item.issue), effect.blocker);
      return letGo(deps, issueKey(item.issue), effect.blocker);
    case "raise-day-budget":
      return deps.budgets.raiseDay(effect);
    case "meet-dependents":
      return meetDependents(deps, item);
    case "tell-dependents":
      return driveAll(deps, await tellDependents(deps, issueKey(item.issue), item));
    default:
      return tell(deps, item, effect);
  }
}

async function addFlow(
  deps: OutboxDeps,
  item: WorkItem,
  effect: Extract<Effect, { kind: "flow" }>,
  known?: readonly IssueKey[],
): Promise<void> {
  if (item.version !== effect.version) {
    // A look that comes too late leaves its version's own flow, which may have ended, on the board.
    const dropsFlow = effect.run && item.version > effect.version;
    return dropsFlow ? dropFlow(deps, item, effect.version) : undefined;
  }
  const unmet = effect.run ? (known ?? (await deps.graph.unmet(issueKey(item.issue)))) : [];
  const isFirstLook = effect.run || effect.evaluation === "entered";
  const pullRequest = isFirstLook ? pullRequestFirst(deps.fleet, item) : null;
  const add = () =>
    deps.flows.add({
      item: item.id,
      version: effect.version,
      evaluation: effect.evaluation,
      trigger: effect.trigger,
      run: effect.run ? { unmet } : null,
      ...(pullRequest === null ? {} : { pullRequest }),
    });
  if (!effect.run) return void (await add());
  await Promise.all([
    unmet.length > 0
      ? add().then(() => promoteMet(deps, item, unmet))
      : becomeReady(deps, item, deps.flows.slotJob(item.id, item.version), add),
    deps.graph.agenda.add(pollEntry(item.id), deps.clock() + POLL_EVERY_MS),
  ]);
  // Whoever replaced the version meanwhile found no flow to discard.
  const now = await deps.items.find(item.id);
  if (now === null || now.version > effect.version) {
    return dropFlow(deps, item, effect.version);
  }
  if (unmet.length > 0 || (item.holds ?? []).length > 0) await tellOfBlockers(deps, item, unmet);
}

/** Of a version that was replaced: once a dead worker's job is gone nobody takes its run over. */
async function dropFlow(deps: OutboxDeps, item: WorkItem, version: number): Promise<void> {
  await Promise.all([deps.slots.release(item.id, version), settleClosed(deps, item, version)]);
  await deps.flows.discard(item.id, version);
  await admit(deps);
}

async function driveAll(deps: OutboxDeps, ids: readonly string[]): Promise<void> {
  for (const id of ids) await driveOutbox(deps, id);
}

/** A blocker that was met while its edge's job was on its way found nothing to promote. */
async function promoteMet(
  deps: OutboxDeps,
  item: WorkItem,
  parked: readonly IssueKey[],
): Promise<void> {
  const unmet = await deps.graph.unmet(issueKey(item.issue));
  for (const blocker of parked) {
    if (unmet.includes(blocker)) continue;
    await deps.flows.promote(deps.flows.edgeJob(item.id, item.version, blocker));
  }
}

/** Costs time in proportion to the blocker's own dependents; each edge then checks for itself. */
async function meetDependents(deps: OutboxDeps, item: WorkItem): Promise<void> {
  await releaseDependents(deps, issueKey(item.issue));
}

/**
 * The item's pull request was merged, before its end or after it: whoever waited for that may start.
 * Again: the same answer.
 */
export async function meetAfterMerge(deps: OutboxDeps, id: string): Promise<void> {
  const item = await deps.items.find(id);
  if (item !== null) await meetDependents(deps, item);
}

/** The blocker is done, or was closed without ever having an item. */
export async function releaseDependents(deps: OutboxDeps, blocker: IssueKey): Promise<void> {
  for (const dependent of await deps.graph.meet(blocker)) {
    await letGo(deps, dependent, blocker);
  }
}

/** Edges this source took back, and nobody else states, hold nobody up. */
export async function letGoVanished(deps: OutboxDeps, source: EdgeSource): Promise<void> {
  const vanished = await deps.graph.vanished(source);
  for (const { dependent, blocker } of vanished) await letGo(deps, dependent, blocker);
  await deps.graph.noted(source, vanished);
}

async function letGo(deps: OutboxDeps, dependent: IssueKey, blocker: IssueKey): Promise<void> {
  const id = await deps.items.ofIssue(dependent);
  const item = id === null ? null : await deps.items.find(id);
  const waits = item !== null && awaitsStart(item);
  if (waits) await lookAgain(deps, item, blocker);
  const told = await tellOfBrokenLoops(deps, dependent, blocker);
  if ((item?.holds ?? []).length > 0) told.push(...(await tellOf(deps, dependent, [blocker])));
  if (waits && (await deps.graph.unmet(dependent)).length > 0) {
    await showAnew(deps, item.id);
    told.push(item.id);
  }
  await driveAll(deps, [...new Set(told)]);
}

/** The edge's job of a dependent that waits for its agent's start looks at the graph again. */
async function lookAgain(deps: OutboxDeps, item: WorkItem, blocker: IssueKey): Promise<void> {
  const edge = deps.flows.edgeJob(item.id, item.version, blocker);
  if (await deps.flows.promote(edge)) return;
  // Somebody removed the edge's job: the graph is the truth, and the item's turn may have come.
  if ((await deps.graph.unmet(issueKey(item.issue))).length > 0) return;
  await becomeReady(deps, item, deps.flows.slotJob(item.id, item.version));
}

async function tell(deps: OutboxDeps, item: WorkItem, effect: OutboundEffect): Promise<void> {
  // Stored by an older version, which owed it all the same.
  if (!isHeard(item.issue.tracker, effect)) return;
  await deps.notifications.add({
    address: item.issue,
    project: item.project,
    item: item.id,
    effect,
  });
}
