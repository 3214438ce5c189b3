import type { ItemRecords } from "../../tests/support/audit.js";
import type { SeenCommit, SeenFenceMove } from "../snapshot.js";
import { type Invariant, repeated } from "./invariant.js";

/**
 * Who pushed when is read from the remote itself. A run that was taken over may have pushed before its
 * successor took the fence, and may not have come to record it: its work is on the branch all the same.
 */
export const fenceHolds: Invariant = {
  name: "a branch keeps its runs' work, once and in their order, and nobody pushes after the next took its fence (I5)",
  broken: ({ items, commits, fences }) =>
    items.flatMap((records) => {
      const { id, branch } = records.item;
      const line = commits[branch] ?? [];
      const fence = fences[id] ?? [];
      return [
        ...outOfOrder(records, line),
        ...pushedLate(fence),
        ...aroundTheFence(line, fence),
        ...workLost(records, line),
      ].map((what) => `${id}: ${what}`);
    }),
};

function runsOn(line: readonly SeenCommit[]): readonly string[] {
  return line.flatMap(({ run }) => run ?? []);
}

/** Versions rise, and attempts of one. */
function outOfOrder({ runs }: ItemRecords, line: readonly SeenCommit[]): readonly string[] {
  const inOrder = runs
    .toSorted((a, b) => a.version - b.version || a.attempt - b.attempt)
    .map(({ id }) => id);
  const named = runsOn(line);
  const own = named.filter((run) => inOrder.includes(run));
  return [
    ...named
      .filter((run) => !inOrder.includes(run))
      .map((run) => `its branch has work of ${run}, which is no run of it`),
    ...repeated(own).map((run) => `its branch has the work of ${run} twice`),
    ...own.flatMap((run, place) => {
      const before = own[place - 1];
      if (before === undefined || inOrder.indexOf(before) <= inOrder.indexOf(run)) return [];
      return [`its branch has the work of ${run} after that of ${before}`];
    }),
  ];
}

/** A run takes the fence once and pushes once; whoever took it meanwhile owns the item. */
function pushedLate(fence: readonly SeenFenceMove[]): readonly string[] {
  return fence.flatMap(({ run, event }, place) => {
    if (event === "taken") return [];
    const before = fence[place - 1];
    if (before?.run === run && before.event === "taken") return [];
    return [`${run} pushed, and the fence was moved last by ${before?.run ?? "nobody"}`];
  });
}

/** Branch and fence move together. */
function aroundTheFence(
  line: readonly SeenCommit[],
  fence: readonly SeenFenceMove[],
): readonly string[] {
  const named = runsOn(line);
  const pushed = fence.filter(({ event }) => event === "pushed").map(({ run }) => run);
  return [
    ...named
      .filter((run) => !pushed.includes(run))
      .map((run) => `the work of ${run} came onto its branch without the fence`),
    ...pushed
      .filter((run) => !named.includes(run))
      .map((run) => `what ${run} pushed isn't on its branch any more`),
  ];
}

/** A run that changed nothing left the commit from which it began. */
function workLost({ runs }: ItemRecords, line: readonly SeenCommit[]): readonly string[] {
  return runs
    .filter(({ ending, commitAfter }) => {
      return ending === "succeeded" && !line.some(({ commit }) => commit === commitAfter);
    })
    .map(({ id, commitAfter }) => `${id} left ${commitAfter}, which isn't on its branch`);
}
