import { isDeepStrictEqual } from "node:util";
import type { Transition } from "../../src/domain/transition.js";
import { isFinished, type WorkItem } from "../../src/domain/work-item.js";

/** What transitions of an item, as they are written one after another, do against the invariants. */
export interface ItemWatch {
  see(transition: Transition): void;
  readonly last: WorkItem | null;
  readonly violations: readonly string[];
}

export function watchItem(cap: number): ItemWatch {
  const violations: string[] = [];
  const effects = new Set<string>();
  const runFlows = new Set<number>();
  const movers = new Set<string>();
  const closed = new Map<string, string>();
  let last: WorkItem | null = null;

  const rule = (holds: boolean, broken: string) => {
    if (!holds) violations.push(broken);
  };
  const compare = (before: WorkItem, { item, history }: Transition) => {
    const raised = item.version - before.version;
    const moved = history.filter(({ kind }) => kind === "transition");
    rule(raised === 0 || raised === 1, `version ${before.version} became ${item.version} (I3)`);
    rule(item.stage === before.stage || raised === 1, "a stage was left in its version (I3)");
    rule(item.stage === before.stage || moved.length === 1, "a move left no history (I1)");
    rule(moved.length <= 1, "one transition moved it twice (I1)");
    if (isFinished(before)) {
      const same = item.status === before.status && item.stage === before.stage;
      rule(same, `it left its end for ${item.stage}, ${item.status} (I9)`);
    }
    for (const { cause } of moved) {
      rule(!movers.has(cause), `${cause} moved it again (I1)`);
      movers.add(cause);
    }
  };
  return {
    see(transition) {
      const { item } = transition;
      if (last !== null) compare(last, transition);
      rule(isDeepStrictEqual(JSON.parse(JSON.stringify(item)), item), "it isn't plain data");
      rule(item.developerRuns <= cap + item.grantedRuns, "its runs are past the cap (I6)");
      for (const effect of transition.effects) {
        rule(!effects.has(effect.id), `${effect.id} is owed again (I4)`);
        effects.add(effect.id);
        if (effect.kind !== "flow" || !effect.run) continue;
        rule(!runFlows.has(effect.version), `version ${effect.version} runs twice (I4)`);
        runFlows.add(effect.version);
      }
      for (const run of [...(transition.runs ?? []), ...(item.run === null ? [] : [item.run])]) {
        const before = closed.get(run.id);
        rule(before === undefined || before === run.ending, `${run.id} was closed again (I5)`);
        if (run.ending !== null) closed.set(run.id, run.ending);
      }
      last = item;
    },
    get last() {
      return last;
    },
    violations,
  };
}
