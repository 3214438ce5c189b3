import { applyVerdict } from "../../../src/domain/applied-verdict.js";
import type { Effect, EffectKind } from "../../../src/domain/effect.js";
import type { GateName, Pipeline } from "../../../src/domain/pipeline.js";
import { BUILT_IN_PIPELINES } from "../../../src/domain/pipeline.js";
import type { Stage } from "../../../src/domain/stage.js";
import type { Cause, Rules, Transition } from "../../../src/domain/transition.js";
import type { Verdict } from "../../../src/domain/verdict.js";
import type { RecordedVerdict, Trigger, WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";

export const HEAD = "b".repeat(40);
export const OLDER = "a".repeat(40);
export const CAP = 3;
export const CAUSE: Cause = {
  id: "c1",
  text: "comment 1 by alice",
  at: "2026-03-02T10:00:00.000Z",
};
export const ALICE = { comment: "1", name: "alice" } as const;

export function pipeline(name: "full" | "direct"): Pipeline {
  const found = BUILT_IN_PIPELINES[name];
  if (found === undefined) throw new Error(`no pipeline ${name}`);
  return found;
}

/** Every role has an agent, and an item may spend three developer runs. */
export function rules(changes: Partial<Rules> = {}): Rules {
  return { pipeline: pipeline("full"), developerRunCap: CAP, hasAgent: () => true, ...changes };
}

export function passed(gate: GateName, reason = "All is well."): Verdict {
  return { gate, passed: true, reason, evidence: "", commit: HEAD };
}

export function failed(gate: GateName, changes: Partial<Verdict> = {}): Verdict {
  return {
    gate,
    passed: false,
    reason: "It does not hold.",
    evidence: "exit code: 1",
    commit: HEAD,
    ...changes,
  };
}

/** An item whose run of this version has succeeded: its gate is what decides now. */
export function afterRun(changes: Partial<WorkItem> = {}): WorkItem {
  const run = sampleRun("ET-001", { commitBefore: OLDER, commitAfter: HEAD });
  return sampleItem(1, { run, head: HEAD, stageCommit: OLDER, ...changes });
}

/** The item with a gate's verdict recorded for its version, waiting to be acted on. */
export function judged(
  item: WorkItem,
  verdict: Verdict,
  trigger: Trigger = "run",
  evaluation = "run",
): WorkItem {
  const recorded: RecordedVerdict = { version: item.version, trigger, verdict };
  return { ...item, verdicts: { ...item.verdicts, [evaluation]: recorded } };
}

/** What follows from a verdict on an item in this stage. */
export function applied(
  stage: Stage,
  verdict: Verdict,
  changes: Partial<WorkItem> = {},
  trigger: Trigger = "run",
): Transition {
  const item = judged(afterRun({ stage, ...changes }), verdict, trigger);
  const transition = applyVerdict(item, "run", rules(), CAUSE);
  if (transition === null) throw new Error("nothing followed from the verdict");
  return transition;
}

export function kinds({ effects }: Transition): readonly EffectKind["kind"][] {
  return effects.map((effect) => effect.kind);
}

export function effectsOf<Kind extends EffectKind["kind"]>(
  { effects }: Transition,
  kind: Kind,
): readonly Extract<Effect, { kind: Kind }>[] {
  return effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => {
    return effect.kind === kind;
  });
}

/** What the transition writes on the issue, as one text. */
export function commentOf(transition: Transition): string {
  return effectsOf(transition, "comment")
    .map(({ body }) => body)
    .join("\n");
}

export function statesOf(transition: Transition): readonly string[] {
  return effectsOf(transition, "tracker-state").map(({ state }) => state);
}
