import type { EffectKind } from "./effect.js";
import type { IssueAddress } from "./issue.js";
import type { Metadata } from "./metadata.js";
import { firstStage, type Pipeline } from "./pipeline.js";
import { closedUnfinished, NO_USAGE } from "./run.js";
import {
  type Cause,
  entering,
  historyEntry,
  noted,
  type Rules,
  type Transition,
} from "./transition.js";
import { awaitsStart, type WorkItem } from "./work-item.js";

export interface NewItem {
  readonly id: string;
  readonly project: string;
  readonly issue: IssueAddress;
  readonly order: number;
  readonly title: string;
  readonly url: string | null;
  readonly branch: string;
  readonly metadata: Metadata;
  readonly issueUpdatedAt: string;
}

/** A work item at the first stage of its pipeline, with the flow that starts it. */
export function started(news: NewItem, pipeline: Pipeline, rules: Rules, cause: Cause): Transition {
  const blank: WorkItem = {
    ...news,
    pipeline: pipeline.name,
    stage: firstStage(pipeline),
    status: "waiting",
    reason: "",
    version: 0,
    run: null,
    expectsRun: false,
    cause: null,
    verdicts: {},
    consumed: [],
    heard: [],
    questionsOpen: false,
    approvalRequested: null,
    approval: null,
    stageCommit: null,
    head: null,
    developerRuns: 0,
    grantedRuns: 0,
    allowedPaths: [],
    reported: null,
    usage: NO_USAGE,
    costUsd: 0,
    createdAt: cause.at,
    updatedAt: cause.at,
  };
  const { item, history, effects } = entering(blank, blank.stage, cause, rules, {
    reason: "The issue was taken on.",
    runCause: { kind: "entered", reason: "The issue was taken on.", artifact: null, detail: "" },
    effects: [{ kind: "tracker-state", state: "In Progress" }],
  });
  const entries = history.map((entry) => ({ ...entry, kind: "started" as const, from: null }));
  return { item, history: entries, effects };
}

/**
 * Ends an item for good; its agent stops, since jobs of the old version do nothing. The run's record
 * is closed here, so that the agent's own end can't bring the item back (I5, I9).
 */
export function cancelled(item: WorkItem, reason: string, cause: Cause): Transition {
  const [stopped] = closedUnfinished(item.run, "cancelled", reason, cause.at);
  const next: WorkItem = {
    ...item,
    version: item.version + 1,
    status: "cancelled",
    reason,
    run: stopped ?? item.run,
    expectsRun: false,
    verdicts: {},
    consumed: [],
  };
  const entry = historyEntry(cause, "transition", { from: item.stage, to: item.stage, reason });
  return noted(
    next,
    cause,
    {},
    [entry],
    [
      { kind: "discard-flow", version: item.version },
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title} was cancelled: ${reason}` },
    ],
  );
}

/** The issue's text changed: what we know of it follows. */
export function edited(
  item: WorkItem,
  changes: Pick<WorkItem, "title" | "metadata" | "issueUpdatedAt">,
  cause: Cause,
): Transition {
  const entry = historyEntry(cause, "edited", { reason: "The issue was edited." });
  return noted(item, cause, changes, [entry], [{ kind: "status-comment" }]);
}

/**
 * Builds the waiting flow anew under a new version, with the edges of this moment. An item whose
 * agent has started isn't touched: new edges count before its next stage.
 */
export function replanned(item: WorkItem, cause: Cause): Transition | null {
  if (!awaitsStart(item)) return null;
  const next = { ...item, version: item.version + 1, run: null };
  return noted(
    next,
    cause,
    {},
    [],
    [
      { kind: "discard-flow", version: item.version },
      { kind: "flow", version: next.version, evaluation: "run", trigger: "run", run: true },
    ],
  );
}

/** Asks for a look at the current gate; never while a run is active, whose own gate will look. */
export function evaluationAsked(
  item: WorkItem,
  evaluation: string,
  trigger: "person" | "webhook",
  cause: Cause,
  changes: Partial<WorkItem> = {},
): Transition {
  const flow: EffectKind = {
    kind: "flow",
    version: item.version,
    evaluation,
    trigger,
    run: false,
  };
  return noted(item, cause, changes, [], [flow]);
}
