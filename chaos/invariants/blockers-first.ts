import { issueKey } from "../../src/domain/issue.js";
import type { Invariant } from "./invariant.js";

/** All times are of one machine's clock. */
export const blockersFirst: Invariant = {
  name: "no agent started before its item's blockers were done (I7)",
  broken: ({ issues, items }) => {
    const of = new Map(items.map((records) => [issueKey(records.item.issue), records]));
    return issues.flatMap(({ key, blockers }) => {
      const began = of
        .get(key)
        ?.runs.map(({ startedAt }) => startedAt)
        .sort()[0];
      if (began === undefined) return [];
      return blockers.flatMap((blocker) => {
        const done = of.get(blocker)?.history.find(({ to }) => to === "done")?.at;
        if (done !== undefined && done <= began) return [];
        return [
          `${key} began at ${began}, its blocker ${blocker} was done at ${done ?? "no time"}`,
        ];
      });
    });
  },
};
