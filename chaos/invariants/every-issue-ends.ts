import { issueKey } from "../../src/domain/issue.js";
import type { Invariant } from "./invariant.js";

/** Also those whose webhooks nobody took: the reconciler finds them. */
export const everyIssueEnds: Invariant = {
  name: "every issue came to its end",
  broken: ({ issues, items }) =>
    issues.flatMap(({ key, ends }) => {
      const item = items
        .map((records) => records.item)
        .find(({ issue }) => issueKey(issue) === key);
      const end = item?.status ?? "never begun";
      if ((ends as readonly string[]).includes(end)) return [];
      if (item === undefined) return [`${key} has no item`];
      const wanted = ends.join(" or ");
      return [`${key}, ${item.id}, is ${end} in ${item.stage}, not ${wanted}: ${item.reason}`];
    }),
};
