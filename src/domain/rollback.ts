import { acknowledged, refused, type Speaker } from "./answers.js";
import { capped } from "./applied-verdict.js";
import { hasDeveloperRunLeft } from "./decision.js";
import type { EffectKind } from "./effect.js";
import { stepAt } from "./pipeline.js";
import { closedUnfinished } from "./run.js";
import type { WorkStage } from "./stage.js";
import { type Cause, entering, numbered, type Rules, type Transition } from "./transition.js";
import { isFinished, type RunCause, type WorkItem } from "./work-item.js";

/**
 * Takes an item back to an earlier stage of its pipeline, to the previous one where none is named.
 * Whoever works on it is stopped. Into development it counts against the cap like any other way (I6).
 */
export function rolledBack(
  item: WorkItem,
  speaker: Speaker,
  stage: WorkStage | null,
  rules: Rules,
  cause: Cause,
): Transition {
  const goal = goalOf(item, stage, rules);
  if ("refusal" in goal) return refused(item, speaker, cause, goal.refusal);
  const { to } = goal;
  const reason = `${speaker.name} took it back from ${item.stage} to ${to}.`;
  const runCause: RunCause = { kind: "rolled-back", reason, artifact: null, detail: reason };
  const spent = to === "development" && !hasDeveloperRunLeft(item, rules.developerRunCap);
  const moved = spent
    ? withoutFlow(item, capped(item, null, runCause, rules, cause), cause)
    : entering(item, to, cause, rules, { reason, runCause, effects: effectsOf(item, to, reason) });
  return acknowledged(moved, speaker, cause, reason);
}

type Goal = { readonly to: WorkStage } | { readonly refusal: string };

function goalOf(item: WorkItem, stage: WorkStage | null, rules: Rules): Goal {
  if (isFinished(item)) return { refusal: `${item.id} is ${item.status} already.` };
  const stages = rules.pipeline.steps.map((step) => step.stage);
  const at = item.stage === "done" ? stages.length : stages.indexOf(item.stage);
  if (at === -1) return { refusal: `The pipeline of ${item.id} has no ${item.stage} any more.` };
  const to = stage ?? stages[at - 1];
  if (to === undefined) {
    return { refusal: `${item.id} is in ${item.stage}, the first stage of its pipeline.` };
  }
  const refusal = whyNot(item, to, stages, at) ?? nobodyIn(to, rules);
  return refusal === null ? { to } : { refusal };
}

function whyNot(
  item: WorkItem,
  to: WorkStage,
  stages: readonly WorkStage[],
  at: number,
): string | null {
  const index = stages.indexOf(to);
  if (index === -1) {
    return `The pipeline of ${item.id} has no ${to}. Its stages: ${stages.join(", ")}.`;
  }
  if (index === at) return `${item.id} is in ${to} already; \`/retry\` works on it again.`;
  return index > at ? `${to} comes after ${item.stage}; a rollback only goes back.` : null;
}

function nobodyIn(to: WorkStage, rules: Rules): string | null {
  const role = stepAt(rules.pipeline, to)?.agent;
  return role !== undefined && rules.hasAgent(role) ? null : `No agent works in ${to}.`;
}

function effectsOf(item: WorkItem, to: WorkStage, reason: string): EffectKind[] {
  return [
    { kind: "discard-flow", version: item.version },
    { kind: "comment", body: `**${item.id} goes back to ${to}.** ${reason}` },
    { kind: "tracker-state", state: "In Progress" },
  ];
}

/** Past the cap nobody works on: what was under way ends too. */
function withoutFlow(item: WorkItem, moved: Transition, cause: Cause): Transition {
  const discard = numbered(moved.item, cause, [{ kind: "discard-flow", version: item.version }]);
  return {
    ...moved,
    effects: [...discard, ...moved.effects],
    runs: closedUnfinished(item.run, "superseded", "the item moved on", cause.at),
  };
}
