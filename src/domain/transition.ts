import type { Effect, EffectKind } from "./effect.js";
import { type AtEnd, effectsAtEnd, effectsBeforeMerge, PLAIN_END } from "./ending.js";
import type { Pipeline } from "./pipeline.js";
import { stepAt } from "./pipeline.js";
import type { RecoveryKind } from "./recovery.js";
import { closedUnfinished, type RunRecord } from "./run.js";
import type { Role, Stage } from "./stage.js";
import type { HistoryEntry, RunCause, WorkItem } from "./work-item.js";

/** A change of one item with all it brings; applied whole or not at all (I1 in docs/state-machine.md). */
export interface Transition {
  readonly item: WorkItem;
  readonly history: readonly HistoryEntry[];
  readonly effects: readonly Effect[];
  /** Records of earlier runs that this change closes, beside the item's own. */
  readonly runs?: readonly RunRecord[];
  /** The reconciler found what brought it; it is counted once. */
  readonly recovered?: RecoveryKind;
}

/** What the rules need to know beside the item. */
export interface Rules {
  readonly pipeline: Pipeline;
  readonly developerRunCap: number;
  /** Is an agent configured for this role? */
  readonly hasAgent: (role: Role) => boolean;
  /** Absent: nothing is merged or closed, and dependents start at done. */
  readonly atEnd?: AtEnd;
}

/** Who or what made a change, for ids and history. */
export interface Cause {
  /** Part of effects' ids: the same whoever computes the transition. */
  readonly id: string;
  /** For people: `run ET-001-v3-a1`, `comment 812 by alice`. */
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Gives effects ids that are the same whoever computes the transition, and different for each (I4). */
export function numbered(
  item: WorkItem,
  cause: Cause,
  effects: readonly EffectKind[],
): readonly Effect[] {
  return effects.map((effect, index) => ({
    id: `${item.id}-v${item.version}-${cause.id}-${index}-${effect.kind}`,
    ...effect,
  }));
}

const NOTHING_TO_SAY = { gate: null, passed: null, evidence: "", commit: null } as const;

export function historyEntry(
  cause: Cause,
  kind: HistoryEntry["kind"],
  rest: Partial<HistoryEntry> & { readonly reason: string },
): HistoryEntry {
  return {
    ...NOTHING_TO_SAY,
    at: cause.at,
    kind,
    from: null,
    to: null,
    cause: cause.text,
    ...rest,
  };
}

/** A change that keeps the stage and the version: a status, a record, something told. */
export function noted(
  item: WorkItem,
  cause: Cause,
  changes: Partial<WorkItem>,
  history: readonly HistoryEntry[],
  effects: readonly EffectKind[],
): Transition {
  const next = { ...item, ...changes, ...shownOnBoard(effects), updatedAt: cause.at };
  return { item: next, history, effects: numbered(next, cause, effects) };
}

/**
 * Brings an item into a stage under a new version (I3): jobs of the old one do nothing from here on.
 * Launches the stage's agent if it has one; `done` launches none and meets the dependents.
 */
export function entering(
  item: WorkItem,
  to: Stage,
  cause: Cause,
  rules: Rules,
  why: {
    readonly reason: string;
    readonly runCause: RunCause;
    readonly effects?: readonly EffectKind[];
    /** Protected paths the agent of this version may change. */
    readonly allowedPaths?: readonly string[];
    /** Its pull request is merged already. */
    readonly merged?: boolean;
  },
): Transition {
  const step = stepAt(rules.pipeline, to);
  const expectsRun = step?.agent !== undefined && rules.hasAgent(step.agent);
  const done = to === "done";
  const atEnd = rules.atEnd ?? PLAIN_END;
  const merges = done && atEnd.merge && why.merged !== true;
  const ends = done && !merges;
  const blank: WorkItem = {
    ...item,
    stage: to,
    version: item.version + 1,
    status: ends ? "done" : "waiting",
    reason: ends
      ? "All stages passed."
      : merges
        ? "All stages passed; its pull request is being merged."
        : expectsRun
          ? "Waits for its turn."
          : why.reason,
    run: null,
    expectsRun,
    cause: why.runCause,
    verdicts: {},
    consumed: [],
    questionsOpen: false,
    approvalRequested: null,
    approval: null,
    allowedPaths: why.allowedPaths ?? [],
    stageCommit: item.head,
    reported: null,
    updatedAt: cause.at,
  };
  const effects: EffectKind[] = [
    ...(why.effects ?? []),
    ...(merges ? effectsBeforeMerge(atEnd) : []),
    ...(ends ? effectsAtEnd(atEnd, atEnd.metBy === "done" || why.merged === true) : []),
    ...(done ? [] : [flowEffect(blank)]),
    { kind: "status-comment" },
    { kind: "notification", text: stageChangeText(item, blank, why.reason) },
  ];
  const next = { ...blank, ...shownOnBoard(effects) };
  return {
    item: next,
    history: [
      historyEntry(cause, "transition", {
        from: item.stage,
        to,
        reason: why.reason,
        commit: item.head,
      }),
    ],
    effects: numbered(next, cause, effects),
    runs: closedUnfinished(item.run, "superseded", "the item moved on", cause.at),
  };
}

/** The state that these effects leave on a board, kept so that only the latest is ever shown. */
function shownOnBoard(effects: readonly EffectKind[]): Pick<WorkItem, "trackerState"> {
  const last = effects.findLast((effect) => effect.kind === "tracker-state");
  return last === undefined ? {} : { trackerState: last.state };
}

/** The flow of a version that was just entered: with its run, or its gate alone. */
export function flowEffect(item: WorkItem): EffectKind {
  return {
    kind: "flow",
    version: item.version,
    evaluation: item.expectsRun ? "run" : "entered",
    trigger: item.expectsRun ? "run" : "webhook",
    run: item.expectsRun,
  };
}

function stageChangeText(before: WorkItem, after: WorkItem, reason: string): string {
  const move = before.version === 0 ? after.stage : `${before.stage} → ${after.stage}`;
  return `${after.id} ${after.title}: ${move}. ${reason}`;
}
