import { CONFLICT, QUESTIONS } from "./artifacts.js";
import { type Pipeline, stageAfter, stepAt } from "./pipeline.js";
import type { Stage, WorkStage } from "./stage.js";
import type { Verdict } from "./verdict.js";
import type { RunCause, Trigger, WorkItem } from "./work-item.js";

/** What follows a gate's verdict; the rows of the table "Stages and gates" in docs/state-machine.md. */
export type Decision =
  | { readonly kind: "advance"; readonly to: Stage }
  /** The analysis is complete: a person must approve `verdict.commit`. */
  | { readonly kind: "ask-approval" }
  | { readonly kind: "ask-questions"; readonly questions: string }
  /** The same or an earlier stage's agent works again. */
  | { readonly kind: "rerun"; readonly to: WorkStage; readonly cause: RunCause }
  /** No developer run is left: the item stands in development and a person must act. */
  | { readonly kind: "capped"; readonly cause: RunCause }
  /** The answer isn't in yet; nobody is told. */
  | { readonly kind: "wait" }
  /** Stays where it is and a person is told, once for the same reason. */
  | { readonly kind: "report" };

export interface Situation {
  readonly item: WorkItem;
  readonly pipeline: Pipeline;
  readonly trigger: Trigger;
  readonly verdict: Verdict;
  /** Developer runs an item may spend before grants. */
  readonly developerRunCap: number;
}

/** The first fitting row wins. */
export function decide(situation: Situation): Decision {
  const { item, trigger, verdict } = situation;
  if (verdict.passed && saysNothingNew(situation)) return { kind: "wait" };
  if (verdict.passed) return onward(situation);
  if (item.stage === "analysis" && verdict.gate === "analysis-approved") {
    return afterAnalysis(situation);
  }
  if (verdict.pending === true) return { kind: "wait" };
  if (verdict.misconfigured === true) return { kind: "report" };
  const turnedRed = trigger === "webhook" && verdict.gate === "ci-green";
  if (item.stage === "development" && (trigger === "run" || turnedRed)) {
    // Blocked at the cap already: CI that stays red must not alert again and again.
    if (item.status === "blocked") return { kind: "report" };
    return backToDevelopment(situation, "gate-failed");
  }
  return trigger === "run" ? afterRun(situation) : { kind: "report" };
}

/**
 * Past the cap, with the commit that another stage sent here: CI that says again that it is green
 * doesn't mend what was found, and would send it round and round. A person's word or commit does.
 */
function saysNothingNew({ item, trigger, verdict }: Situation): boolean {
  return (
    trigger === "webhook" &&
    item.stage === "development" &&
    item.status === "blocked" &&
    item.cause?.kind !== "gate-failed" &&
    verdict.commit === item.stageCommit
  );
}

/** A stage that is entered again by a detour counts against the cap like any other way into it. */
function onward(situation: Situation): Decision {
  const { item, pipeline, developerRunCap } = situation;
  const to = stageAfter(pipeline, item.stage);
  const works = to === "development" && stepAt(pipeline, to)?.agent !== undefined;
  return works && !hasDeveloperRunLeft(item, developerRunCap)
    ? { kind: "capped", cause: causeOf(situation, "entered") }
    : { kind: "advance", to };
}

/** A person who approves too early, or a commit that isn't the head, is told what is missing. */
function afterAnalysis({ trigger, verdict }: Situation): Decision {
  if (trigger === "webhook") return { kind: verdict.pending === true ? "wait" : "report" };
  if (verdict.findings?.artifact === QUESTIONS) {
    return trigger === "run"
      ? { kind: "ask-questions", questions: verdict.findings.text }
      : { kind: "report" };
  }
  return { kind: verdict.pending === true ? "ask-approval" : "report" };
}

function afterRun(situation: Situation): Decision {
  const { item, verdict } = situation;
  switch (item.stage) {
    case "architecture":
      return verdict.findings?.artifact === CONFLICT
        ? rollBack(situation, "analysis")
        : { kind: "report" };
    case "review":
      return verdict.findings === undefined
        ? { kind: "report" }
        : backToDevelopment(situation, "rolled-back");
    case "testing":
      return backToDevelopment(situation, "rolled-back");
    default:
      return { kind: "report" };
  }
}

function backToDevelopment(situation: Situation, kind: RunCause["kind"]): Decision {
  if (stepAt(situation.pipeline, "development")?.agent === undefined) return { kind: "report" };
  const cause = causeOf(situation, kind);
  return hasDeveloperRunLeft(situation.item, situation.developerRunCap)
    ? { kind: "rerun", to: "development", cause }
    : { kind: "capped", cause };
}

function rollBack(situation: Situation, to: WorkStage): Decision {
  if (stepAt(situation.pipeline, to)?.agent === undefined) return { kind: "report" };
  return { kind: "rerun", to, cause: causeOf(situation, "rolled-back") };
}

function causeOf({ verdict }: Situation, kind: RunCause["kind"]): RunCause {
  return {
    kind,
    reason: verdict.reason,
    artifact: verdict.findings?.artifact ?? null,
    detail: verdict.findings?.text ?? verdict.evidence,
  };
}

/** The cap counts an item's developer runs over its life; an approver's `/retry` grants one more. */
export function hasDeveloperRunLeft(
  item: Pick<WorkItem, "developerRuns" | "grantedRuns">,
  cap: number,
): boolean {
  return item.developerRuns < cap + item.grantedRuns;
}
