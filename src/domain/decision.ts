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
  const { item, pipeline, trigger, verdict } = situation;
  if (verdict.passed) return { kind: "advance", to: stageAfter(pipeline, item.stage) };
  const turnedRed = trigger === "webhook" && verdict.gate === "ci-green";
  if (item.stage === "development" && (trigger === "run" || turnedRed) && !verdict.pending) {
    return backToDevelopment(situation, "gate-failed");
  }
  if (trigger === "run") return afterRun(situation);
  return verdict.pending === true ? { kind: "wait" } : { kind: "report" };
}

function afterRun(situation: Situation): Decision {
  const { item, verdict } = situation;
  const findings = verdict.findings;
  switch (item.stage) {
    case "analysis":
      if (findings?.artifact === QUESTIONS) {
        return { kind: "ask-questions", questions: findings.text };
      }
      return verdict.pending === true ? { kind: "ask-approval" } : { kind: "report" };
    case "architecture":
      return findings?.artifact === CONFLICT ? rollBack(situation, "analysis") : { kind: "report" };
    case "review":
      if (verdict.pending === true) return { kind: "wait" };
      return findings === undefined
        ? { kind: "report" }
        : backToDevelopment(situation, "rolled-back");
    case "testing":
      return backToDevelopment(situation, "rolled-back");
    default:
      return verdict.pending === true ? { kind: "wait" } : { kind: "report" };
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
