import { applyVerdict } from "../domain/applied-verdict.js";
import type { AtEnd } from "../domain/ending.js";
import { type Fleet, type Project, projectNamed } from "../domain/fleet.js";
import type { Rules } from "../domain/transition.js";
import type { WorkItem } from "../domain/work-item.js";
import { type JobOutcome, stale } from "./jobs.js";
import { driveOutbox, type OutboxDeps } from "./outbox.js";

/** Moves an item by the verdict its gate recorded; without one of its version, changes nothing. */
export async function advance(
  deps: OutboxDeps,
  job: { item: string; version: number; evaluation: string },
): Promise<JobOutcome> {
  const at = new Date(deps.clock()).toISOString();
  const moved = await deps.items.transition(job.item, (item) => {
    if (item.version !== job.version) return null;
    const rules = rulesOf(deps.fleet, item);
    if (rules === null) return null;
    // The version that was left is named: the one entered has a verdict of the same name to come.
    const id = `after-v${item.version}-${job.evaluation}`;
    const cause = { id, text: causeText(item, job.evaluation), at };
    return applyVerdict(item, job.evaluation, rules, cause);
  });
  // Also when somebody else moved it: the one who did may have died before its effects.
  await driveOutbox(deps, job.item);
  if (moved === null) return stale("no verdict of this version waits to be acted on");
  return { kind: "finished", note: `${moved.item.stage} (${moved.item.status})` };
}

/** Null: config no longer knows the item's project or pipeline. */
export function rulesOf(fleet: Fleet, item: Pick<WorkItem, "project" | "pipeline">): Rules | null {
  const project = projectNamed(fleet, item.project);
  const pipeline = fleet.pipelines[item.pipeline];
  if (project === undefined || pipeline === undefined) return null;
  return {
    pipeline,
    developerRunCap: fleet.limits.developerRuns,
    hasAgent: (role) => project.agents[role] !== undefined,
    atEnd: atEndOf(project),
  };
}

/** Without a forge there is no pull request to merge or to wait for. */
function atEndOf({ repo, onDone, dependenciesMetBy }: Project): AtEnd {
  return repo === null
    ? { merge: false, closeIssue: onDone.closeIssue, metBy: "done" }
    : { ...onDone, metBy: dependenciesMetBy };
}

function causeText(item: WorkItem, evaluation: string): string {
  return evaluation === "run" && item.run !== null
    ? `run ${item.run.id}`
    : `evaluation ${evaluation}`;
}
