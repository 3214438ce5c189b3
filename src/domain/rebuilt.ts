import { AFTER_RUN } from "./ids.js";
import { mergeWanted } from "./merge.js";
import { closedUnfinished } from "./run.js";
import { type Cause, flowEffect, noted, type Transition } from "./transition.js";
import { hasPendingRun, isFinished, type WorkItem } from "./work-item.js";

/**
 * Which look at the gate is still to come of this version, though nobody asked for it in particular:
 * the one after its run, or the first of a stage where nobody works. Null: none.
 */
export function lookToCome(item: WorkItem): string | null {
  if (isFinished(item) || item.stage === "done" || item.consumed.length > 0) return null;
  if (item.expectsRun) return hasPendingRun(item) ? null : AFTER_RUN;
  return item.status === "waiting" ? "entered" : null;
}

/**
 * The jobs of this version's run are gone: a new version gets its own. Whoever may still work on the
 * old one is superseded. Null: there is no run to come.
 */
export function runRebuilt(item: WorkItem, cause: Cause): Transition | null {
  if (isFinished(item) || !hasPendingRun(item)) return null;
  const reason = "Waits for its turn again: its jobs were lost.";
  const next: WorkItem = {
    ...item,
    version: item.version + 1,
    status: "waiting",
    reason,
    run: null,
    verdicts: {},
    consumed: [],
  };
  const runs = closedUnfinished(item.run, "superseded", "its job was lost", cause.at);
  const transition = noted(
    next,
    cause,
    {},
    [],
    [{ kind: "discard-flow", version: item.version }, flowEffect(next), { kind: "status-comment" }],
  );
  return { ...transition, runs };
}

/** The jobs of a look at the gate are gone. `fresh`: the look's own can't be added again. */
export function lookRebuilt(item: WorkItem, cause: Cause, fresh: boolean): Transition | null {
  const evaluation = lookToCome(item);
  if (evaluation === null) return null;
  const flow = {
    kind: "flow",
    version: item.version,
    evaluation: fresh ? `again-${evaluation}` : evaluation,
    trigger: evaluation === AFTER_RUN ? "run" : "webhook",
    run: false,
  } as const;
  return noted(item, cause, {}, [], [flow]);
}

/** The job that is to merge its pull request is gone. Null: there is nothing to merge by itself. */
export function mergeRebuilt(item: WorkItem, cause: Cause): Transition | null {
  if (!mergeWanted(item) || item.status !== "waiting") return null;
  return noted(item, cause, {}, [], [{ kind: "merge" }]);
}
