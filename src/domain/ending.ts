import type { EffectKind } from "./effect.js";

/** What config says of an item that passed its last stage. */
export interface AtEnd {
  /** Is its pull request merged by us? */
  readonly merge: boolean;
  readonly closeIssue: boolean;
  /** When its dependents may start. */
  readonly metBy: "done" | "merged";
}

/** Nothing is merged or closed, and dependents start at done. */
export const PLAIN_END: AtEnd = { merge: false, closeIssue: false, metBy: "done" };

/** Owed when the last stage is passed and the merge is still to come. */
export function effectsBeforeMerge({ metBy }: AtEnd): readonly EffectKind[] {
  const merge: EffectKind = { kind: "merge" };
  return metBy === "done" ? [{ kind: "meet-dependents" }, merge] : [merge];
}

/** Owed at the very end. `meets`: dependents start now. */
export function effectsAtEnd({ closeIssue }: AtEnd, meets: boolean): readonly EffectKind[] {
  return [
    ...(meets ? [{ kind: "meet-dependents" } as const] : []),
    { kind: "tracker-state", state: "Done" },
    ...(closeIssue ? [{ kind: "close-issue" } as const] : []),
  ];
}
