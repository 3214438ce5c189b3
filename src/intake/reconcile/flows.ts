import { AFTER_RUN } from "../../domain/ids.js";
import { issueKey } from "../../domain/issue.js";
import { awaitsMerge } from "../../domain/merge.js";
import { lookRebuilt, lookToCome, mergeRebuilt, runRebuilt } from "../../domain/rebuilt.js";
import type { Recovery } from "../../domain/recovery.js";
import { type Cause, noted, type Transition } from "../../domain/transition.js";
import { hasPendingRun, type WorkItem } from "../../domain/work-item.js";
import { becomeReady } from "../../engine/admission.js";
import { driveOutbox } from "../../engine/outbox.js";
import type { JobState } from "../../engine/queue-looks.js";
import { inTurn, type ProjectCheck, type ReconcileDeps } from "./check.js";
import { markedAs } from "./recovering.js";

/** Each costs a handful of questions to the store. */
const MOST_ITEMS = 2_000;

/** Items whose jobs are gone, or whose turn nobody remembers. */
export const flowsCheck: ProjectCheck = {
  name: "flows",
  asks: "store",
  async look(deps, { project, items }) {
    const moving = items.filter(movesByItself);
    for (const item of await inTurn(deps, `flows:${project.name}`, moving, MOST_ITEMS)) {
      deps.goOn();
      await lookAtFlow(deps, item.id);
    }
  },
};

/** The others wait for a person, who knows it. */
function movesByItself({ status }: WorkItem): boolean {
  return status === "waiting" || status === "running" || status === "paused";
}

/**
 * While effects are owed its jobs may be on their way. Who changes an item writes that before the
 * jobs come to their end, so jobs that are gone while the item stays the same are lost.
 */
async function lookAtFlow(deps: ReconcileDeps, id: string): Promise<void> {
  const item = await deps.items.find(id);
  if (item === null || !movesByItself(item) || (await deps.items.owed(id)).length > 0) return;
  if (hasPendingRun(item)) return lookAtRun(deps, item);
  if (awaitsMerge(item)) return lookAtMerge(deps, item);
  const evaluation = lookToCome(item);
  if (evaluation !== null) await lookAtLook(deps, item, evaluation);
}

async function lookAtRun(deps: ReconcileDeps, item: WorkItem): Promise<void> {
  const { run, slot, waitsFor } = await deps.jobs.flow(item.id, item.version, AFTER_RUN);
  // Without its other jobs a run still works; what is to follow it is looked at then.
  if (isGone(run) || waitsFor.includes("absent")) {
    const recovery = { kind: "flow", reason: "The jobs of its run were lost." } as const;
    return change(deps, item, recovery, (now, cause) => runRebuilt(now, cause));
  }
  const lastChild = slot === "parked" && waitsFor.length === 1;
  const parked = run === "parked" ? "run" : lastChild ? "slot" : null;
  // What is paused is started again by the end of its pause.
  if (parked === null || item.status === "paused") return;
  if ((await deps.graph.unmet(issueKey(item.issue))).length > 0) return;
  await lookAtTurn(deps, item, parked);
}

function isGone(state: JobState): boolean {
  return state === "absent" || state === "completed";
}

/** Its edges are met and its job is parked, so it must be among the ready, or have a slot. */
async function lookAtTurn(
  deps: ReconcileDeps,
  item: WorkItem,
  parked: "run" | "slot",
): Promise<void> {
  const place = await deps.slots.placeOf(item.id);
  if (place !== null && place.version >= item.version) return;
  const { runJob, slotJob } = deps.flows;
  const job = (parked === "run" ? runJob : slotJob)(item.id, item.version);
  await change(deps, item, { kind: "ready", reason: "Its turn was lost." }, (now, cause) =>
    noted(now, cause, {}, [], []),
  );
  await becomeReady(deps, item, job);
}

async function lookAtLook(deps: ReconcileDeps, item: WorkItem, evaluation: string): Promise<void> {
  const { gate, advance } = await deps.jobs.flow(item.id, item.version, evaluation);
  if (!isGone(advance)) return;
  if (!isGone(gate)) return;
  // A job that has come to its end under an id keeps another of that id from being added.
  const spent = advance === "completed" || (gate === "completed" && !item.verdicts[evaluation]);
  if (spent) {
    const again = await deps.jobs.flow(item.id, item.version, `again-${evaluation}`);
    if (again.advance !== "absent") return;
  }
  const recovery = { kind: "flow", reason: "The jobs of its gate were lost." } as const;
  await change(deps, item, recovery, (now, cause) => lookRebuilt(now, cause, spent));
}

async function lookAtMerge(deps: ReconcileDeps, item: WorkItem): Promise<void> {
  if (await deps.jobs.hasMerge(item.id)) return;
  const recovery = { kind: "flow", reason: "The job of its merge was lost." } as const;
  await change(deps, item, recovery, mergeRebuilt);
}

async function change(
  deps: ReconcileDeps,
  seen: WorkItem,
  recovery: Recovery,
  decide: (item: WorkItem, cause: Cause) => Transition | null,
): Promise<void> {
  const at = new Date(deps.clock()).toISOString();
  const written = await deps.items.transition(seen.id, (item) => {
    if (item.version !== seen.version || item.updatedAt !== seen.updatedAt) return null;
    // What was rebuilt once in a version may be lost again.
    const cause = { id: `rebuilt-${Date.parse(seen.updatedAt)}`, text: "reconciler", at };
    const transition = decide(item, cause);
    return transition === null ? null : markedAs(transition, recovery);
  });
  await driveOutbox(deps, seen.id);
  if (written !== null) {
    deps.log.info({ item: seen.id, kind: recovery.kind }, `recovered: ${recovery.reason}`);
  }
}
