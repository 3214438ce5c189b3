import type { EffectKind } from "./effect.js";
import { AFTER_RUN } from "./ids.js";
import { awaitsMerge, mergeSucceeded } from "./merge.js";
import { closedUnfinished } from "./run.js";
import type { WorkStage } from "./stage.js";
import {
  type Cause,
  entering,
  historyEntry,
  noted,
  type Rules,
  type Transition,
} from "./transition.js";
import { isFinished, type WorkItem } from "./work-item.js";

/** Somebody merged its pull request: whatever stages remain, the work is done. */
export function pullRequestMerged(
  item: WorkItem,
  number: number,
  rules: Rules,
  cause: Cause,
): Transition | null {
  if (isFinished(item)) return null;
  if (awaitsMerge(item)) return mergeSucceeded(item, `#${number}`, rules, cause);
  const reason = `Pull request #${number} was merged.`;
  const done = entering(item, "done", cause, rules, {
    reason,
    runCause: { kind: "entered", reason, artifact: null, detail: "" },
    effects: [
      { kind: "discard-flow", version: item.version },
      { kind: "comment", body: `**${item.id} is done.** ${reason}` },
    ],
    merged: true,
  });
  return { ...done, item: { ...done.item, reason } };
}

/**
 * A person closed its pull request without merging it: the item stands, and its agent stops, until
 * the pull request is open again or somebody says how to go on. What waits for a person already only
 * tells of it.
 */
export function pullRequestClosed(item: WorkItem, number: number, cause: Cause): Transition | null {
  if (isFinished(item) || isHeld(item) || isWithoutBranch(item)) return null;
  const reason = `Pull request #${number} was closed without being merged.`;
  const stood = item.status === "failed" || item.status === "blocked";
  const onward = stood
    ? "An approver's `/retry` goes on from here"
    : "Opening it again, or an approver's `/retry`, goes on from here";
  const told: EffectKind = {
    kind: "comment",
    body: `**${item.id} stands still:** ${reason} ${onward}; \`/cancel\` ends it.`,
  };
  if (stood) {
    return noted(item, cause, {}, [historyEntry(cause, "transition", { reason })], [told]);
  }
  return held(item, { status: "needs-input", reason, reported: holdBy(number) }, cause, told);
}

/** The pull request a person closed is open again: the gate looks, or the agent works again. */
export function pullRequestReopened(
  item: WorkItem,
  number: number,
  rules: Rules,
  cause: Cause,
): Transition | null {
  if (item.reported !== holdBy(number) || isFinished(item)) return null;
  const reason = `Pull request #${number} is open again.`;
  if (awaitsMerge(item)) return mergedAfterAll(item, reason, cause);
  if (item.run?.ending !== "succeeded") {
    return entering(item, item.stage as WorkStage, cause, rules, {
      reason,
      runCause: { kind: "retried", reason, artifact: null, detail: item.cause?.detail ?? "" },
    });
  }
  return noted(
    item,
    cause,
    { status: "running", reason, reported: null },
    [historyEntry(cause, "transition", { reason })],
    [
      {
        kind: "flow",
        version: item.version,
        evaluation: AFTER_RUN,
        trigger: "run",
        run: false,
      },
      { kind: "status-comment" },
    ],
  );
}

/** It had passed every stage when its pull request was closed: only the merge is left. */
function mergedAfterAll(item: WorkItem, reason: string, cause: Cause): Transition {
  return noted(
    item,
    cause,
    { status: "waiting", reason, reported: null },
    [historyEntry(cause, "transition", { reason })],
    [{ kind: "merge" }, { kind: "status-comment" }],
  );
}

/**
 * Somebody deleted its branch, and with that the work: the agent stops and a person must say from
 * which stage it is made again. Null: it has none to lose.
 * @param worked does an agent work in its stage, who would make it again?
 */
export function branchDeleted(item: WorkItem, worked: boolean, cause: Cause): Transition | null {
  if (isFinished(item) || isWithoutBranch(item)) return null;
  const reason = `Branch ${item.branch} was deleted.`;
  const lost = {
    status: "blocked",
    reason,
    run: null,
    expectsRun: false,
    head: null,
    stageCommit: null,
    approval: null,
    approvalRequested: null,
    questionsOpen: false,
    reported: null,
  } as const;
  const onward = worked
    ? "`/retry` makes it again from the base branch, and `/rollback <stage>` from an earlier stage on"
    : "`/rollback <stage>` makes it again from the base branch, from an earlier stage on";
  return held(item, lost, cause, {
    kind: "comment",
    body: `**${item.id} is blocked:** somebody deleted its branch \`${item.branch}\`. An approver's ${onward}; \`/cancel\` ends it.`,
  });
}

const HOLD = "pull-request-closed";

function holdBy(number: number): string {
  return `${HOLD} ${number}`;
}

/** Does the item stand still since a person closed its pull request? */
export function isHeld(item: Pick<WorkItem, "reported">): boolean {
  return item.reported?.startsWith(`${HOLD} `) ?? false;
}

/**
 * Is there nothing that anybody could look at? The branch is made by the first run, and known once
 * that ends; a deleted one is made again by a run alone.
 */
export function isWithoutBranch(item: Pick<WorkItem, "head" | "run">): boolean {
  return item.head === null && item.run === null;
}

/** Stops what is under way: jobs of the old version do nothing from here on (I3, I5). */
function held(
  item: WorkItem,
  changes: Partial<WorkItem> & Pick<WorkItem, "status" | "reason">,
  cause: Cause,
  told: EffectKind,
): Transition {
  const { reason } = changes;
  const runs = closedUnfinished(item.run, "cancelled", reason, cause.at);
  const next: WorkItem = {
    ...item,
    version: item.version + 1,
    run: runs[0] ?? item.run,
    verdicts: {},
    consumed: [],
    ...changes,
  };
  const transition = noted(
    next,
    cause,
    {},
    [historyEntry(cause, "transition", { from: item.stage, to: item.stage, reason })],
    [
      { kind: "discard-flow", version: item.version },
      told,
      { kind: "tracker-state", state: changes.status === "blocked" ? "Blocked" : "Needs Input" },
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title} stands still: ${reason}` },
    ],
  );
  return { ...transition, runs };
}
