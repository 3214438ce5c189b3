import type { Effect } from "./effect.js";
import type { Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/** What came of a command that an operator gave on a page or the command line, not in a comment. */
export type Operated =
  /** Nothing was changed; says why. */
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "done"; readonly text: string };

export interface Decided {
  readonly outcome: Operated;
  /** What is to be written; null: nothing. */
  readonly transition: Transition | null;
}

type Reaction = Extract<Effect, { kind: "reaction" }>;

/**
 * Takes the signs at a comment out of what a command brought, since there is no comment to sign: the
 * operator is told at once. What people at the issue must read stays.
 */
export function withoutComment(before: WorkItem, decided: Transition): Decided {
  const signs = decided.effects.filter((effect): effect is Reaction => effect.kind === "reaction");
  const refusal = signs.some(({ reaction }) => reaction === "refused");
  if (refusal) {
    return { outcome: { kind: "refused", text: wordsOf(decided) }, transition: null };
  }
  const words = signs.map(({ otherwise }) => otherwise).find((text) => text !== null);
  const effects = decided.effects.filter(({ kind }) => kind !== "reaction");
  // Who asked for an evaluation is kept for its comment's sake alone.
  const { askers: _, ...item } = decided.item;
  const kept = before.askers === undefined ? item : { ...item, askers: before.askers };
  return {
    outcome: { kind: "done", text: words ?? decided.item.reason },
    transition: { ...decided, item: kept, effects },
  };
}

function wordsOf({ effects, item }: Transition): string {
  const reply = effects.find((effect) => effect.kind === "comment");
  return reply?.kind === "comment" ? reply.body : item.reason;
}
