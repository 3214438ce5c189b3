import type { RecoveryKind } from "./recovery.js";
import type { RunRecord } from "./run.js";
import type { Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/** Something that is counted over the whole fleet's life, written with the transition it happened in. */
export interface Count {
  readonly name: CountName;
  readonly labels: Readonly<Record<string, string>>;
}
export type CountName = "run_endings" | "recovered";

/** What a change of `before` adds to the fleet's counters. */
export function countsOf(before: WorkItem | null, transition: Transition): readonly Count[] {
  const ended = endedRuns(before, transition).map(({ role, ending }) => ({
    name: "run_endings" as const,
    labels: { role, ending: String(ending) },
  }));
  const { recovered } = transition;
  return recovered === undefined ? ended : [...ended, recoveryCount(recovered)];
}

export function recoveryCount(kind: RecoveryKind): Count {
  return { name: "recovered", labels: { kind } };
}

/** Only the item's own open record ever comes to an end, whoever closes it (I5). */
function endedRuns(before: WorkItem | null, { item, runs = [] }: Transition): RunRecord[] {
  const open = before?.run ?? null;
  if (open === null || open.ending !== null) return [];
  const now = [...runs, item.run].find((run) => run?.id === open.id);
  return now == null || now.ending === null ? [] : [now];
}
