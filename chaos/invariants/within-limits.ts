import type { RunEnding } from "../../src/domain/run.js";
import { RUN_LEASE_MS } from "../../src/engine/slots.js";
import type { ItemRecords } from "../../tests/support/audit.js";
import type { Invariant } from "./invariant.js";

/** Of runs that closed their own record, having made sure of their slot after they opened it. */
const ENDED_WITH_SLOT: readonly (RunEnding | null)[] = [
  "succeeded",
  "timed_out",
  "silent",
  "transient",
];

/** When an item surely held a slot, ms since epoch; `until` isn't part of it. */
interface Span {
  readonly item: string;
  readonly project: string;
  readonly role: string;
  readonly from: number;
  readonly until: number;
}

/** All times are of one machine's clock. */
export const withinLimits: Invariant = {
  name: "no more agents work at once than a limit allows (I8)",
  broken: ({ items, limits }) => {
    const spans = items.flatMap(spansOf);
    const over = (kind: "project" | "role", of: Readonly<Record<string, number>>) =>
      Object.entries(of).flatMap(([name, limit]) => {
        const own = spans.filter((span) => span[kind] === name);
        return beyond(own, limit).map((what) => `${kind} ${name} is limited to ${limit}: ${what}`);
      });
    return [...over("project", limits.projects), ...over("role", limits.roles)];
  },
};

/**
 * A lease that nobody could extend, since its worker stood still, ends and may be another's while the
 * run goes on: only a lease's length from its beginning is sure. So is nothing of a run that others
 * closed, whose record says when they did.
 */
function spansOf({ item, runs }: ItemRecords): readonly Span[] {
  return runs
    .filter(({ ending }) => ENDED_WITH_SLOT.includes(ending))
    .map(({ role, startedAt, finishedAt }) => {
      const from = Date.parse(startedAt);
      const until = Math.min(Date.parse(finishedAt ?? startedAt), from + RUN_LEASE_MS);
      return { item: item.id, project: item.project, role, from, until };
    });
}

/** Where one begins and too many are under way. An item has one slot, however many runs it had. */
function beyond(spans: readonly Span[], limit: number): readonly string[] {
  return spans.flatMap(({ item, from }) => {
    const others = spans.filter((other) => other.from <= from && from < other.until);
    const together = new Set([item, ...others.map((other) => other.item)]);
    if (together.size <= limit) return [];
    return [`${[...together].join(", ")} at ${new Date(from).toISOString()}`];
  });
}
