import type { Effect, EffectKind } from "./effect.js";
import type { HistoryEntry, WorkItem } from "./work-item.js";

/** A change of one item with all it brings; applied whole or not at all. */
export interface Transition {
  readonly item: WorkItem;
  readonly history: readonly HistoryEntry[];
  readonly effects: readonly Effect[];
}

/** Gives effects ids that are the same whoever computes the transition. */
export function numbered(
  item: string,
  version: number,
  cause: string,
  effects: readonly EffectKind[],
): Effect[] {
  return effects.map((effect, index) => ({
    id: `${item}-v${version}-${cause}-${index}-${effect.kind}`,
    ...effect,
  }));
}
