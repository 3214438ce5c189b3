import { INVARIANTS } from "./invariants/all.js";
import type { Snapshot } from "./snapshot.js";

/** An invariant that doesn't hold, and what contradicts it. */
export interface Broken {
  readonly name: string;
  readonly evidence: readonly string[];
}

/** None: all hold. */
export function audit(snapshot: Snapshot): readonly Broken[] {
  return INVARIANTS.map(({ name, broken }) => ({ name, evidence: broken(snapshot) })).filter(
    ({ evidence }) => evidence.length > 0,
  );
}

const MOST_LINES = 20;

/** What the auditor found, with the last steps of the items that are named in it. */
export function verdictText(snapshot: Snapshot, broken: readonly Broken[]): string {
  const all = INVARIANTS.length;
  if (broken.length === 0) return `All ${all} invariants hold: ${countsOf(snapshot)}.`;
  const parts = broken.map(({ name, evidence }) => {
    const more = evidence.length > MOST_LINES ? [`… ${evidence.length - MOST_LINES} more`] : [];
    const lines = [...evidence.slice(0, MOST_LINES), ...more];
    return [`BROKEN: ${name}`, ...lines.map((line) => `  ${line}`)].join("\n");
  });
  const text = parts.join("\n");
  return `${text}\n${historiesIn(snapshot, text)}${broken.length} of ${all} invariants are broken: ${countsOf(snapshot)}.`;
}

export function countsOf({ items, deliveries, pullRequests, comments }: Snapshot): string {
  const runs = items.flatMap((records) => records.runs).length;
  const counts = { items: items.length, deliveries: deliveries.length, runs };
  const told = { ...counts, "pull requests": pullRequests.length, comments: comments.length };
  return Object.entries(told)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
}

/** How much rests on repair: what holds at the end was perhaps lost before. */
export function recoveredText({ recovered }: Snapshot): string {
  const most = Object.entries(recovered).sort(([, a], [, b]) => b - a);
  const told = most.map(([kind, count]) => `${kind} ${count}`).join(", ");
  return `Recovered by the reconciler: ${told || "nothing"}`;
}

const MOST_ITEMS = 5;

function historiesIn({ items }: Snapshot, text: string): string {
  const named = items.filter(({ item }) => text.includes(item.id)).slice(0, MOST_ITEMS);
  return named
    .map(({ item, history, runs }) => {
      const moves = history.map(({ at, kind, to, cause }) => `  ${at} ${kind} ${to} ${cause}`);
      const ran = runs.map(({ id, startedAt, finishedAt, ending, reason }) => {
        return `  ${startedAt} to ${finishedAt} ${id} ${ending}: ${reason}`;
      });
      return [`${item.id} is ${item.status}: ${item.reason}`, ...moves, ...ran, ""].join("\n");
    })
    .join("\n");
}
