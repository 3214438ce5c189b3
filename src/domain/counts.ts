import type { RecoveryKind } from "./recovery.js";
import type { RunRecord } from "./run.js";
import type { Transition } from "./transition.js";
import type { WorkItem } from "./work-item.js";

/** Something that is counted over the whole fleet's life, written with the transition it happened in. */
export interface Count {
  readonly name: CountName;
  readonly labels: Readonly<Record<string, string>>;
  /** How much it adds; default 1. */
  readonly by?: number;
}

export const COUNT_NAMES = [
  "transitions",
  "gate_verdicts",
  "run_endings",
  "run_seconds",
  "run_seconds_sum",
  "tokens",
  "cost_usd",
  "recovered",
] as const;
export type CountName = (typeof COUNT_NAMES)[number];

/** Upper bounds of a run's duration, in seconds; longer ones are in none. */
export const RUN_SECONDS = [5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200] as const;
/** The label of what lies in no bound. */
export const BEYOND = "+Inf";

/** What a change of `before` adds to the fleet's counters. */
export function countsOf(before: WorkItem | null, transition: Transition): readonly Count[] {
  const { recovered } = transition;
  return [
    ...transition.history.flatMap(entryCounts),
    ...endedRuns(before, transition).flatMap(runCounts),
    ...spent(before, transition.item),
    ...(recovered === undefined ? [] : [recoveryCount(recovered)]),
  ];
}

export function recoveryCount(kind: RecoveryKind): Count {
  return { name: "recovered", labels: { kind } };
}

function entryCounts(entry: Transition["history"][number]): readonly Count[] {
  if (entry.kind === "transition") {
    return [{ name: "transitions", labels: { from: entry.from ?? "", to: entry.to ?? "" } }];
  }
  if (entry.kind !== "verdict" || entry.gate === null) return [];
  const verdict = entry.passed === null ? "pending" : entry.passed ? "passed" : "failed";
  return [{ name: "gate_verdicts", labels: { gate: entry.gate, verdict } }];
}

function runCounts({ role, ending, startedAt, finishedAt }: RunRecord): readonly Count[] {
  const ended: Count = { name: "run_endings", labels: { role, ending: String(ending) } };
  const seconds = (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) / 1_000;
  const le = String(RUN_SECONDS.find((bound) => seconds <= bound) ?? BEYOND);
  return [
    ended,
    { name: "run_seconds", labels: { role, le } },
    { name: "run_seconds_sum", labels: { role }, by: seconds },
  ];
}

/** What runs used since `before`, whoever reported it, and however late. */
function spent(before: WorkItem | null, { project, usage, costUsd }: WorkItem): readonly Count[] {
  const past = before?.usage ?? { inputTokens: 0, outputTokens: 0 };
  const counts: Count[] = [
    {
      name: "tokens",
      labels: { project, direction: "input" },
      by: usage.inputTokens - past.inputTokens,
    },
    {
      name: "tokens",
      labels: { project, direction: "output" },
      by: usage.outputTokens - past.outputTokens,
    },
    { name: "cost_usd", labels: { project }, by: costUsd - (before?.costUsd ?? 0) },
  ];
  return counts.filter(({ by = 1 }) => by > 0);
}

/** Only the item's own open record ever comes to an end, whoever closes it (I5). */
function endedRuns(before: WorkItem | null, { item, runs = [] }: Transition): RunRecord[] {
  const open = before?.run ?? null;
  if (open === null || open.ending !== null) return [];
  const now = [...runs, item.run].find((run) => run?.id === open.id);
  return now == null || now.ending === null ? [] : [now];
}
