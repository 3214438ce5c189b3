import { issueKey } from "../../src/domain/issue.js";
import type { Invariant } from "./invariant.js";

/** Also those whose webhooks nobody took: the reconciler finds them. */
export const everyIssueEnds: Invariant = {
  name: "every issue came to its end",
  broken: ({ issues, items }) =>
    issues.flatMap(({ key, end }) => {
      const item = items
        .map((records) => records.item)
        .find(({ issue }) => issueKey(issue) === key);
      if (item === undefined) return [`${key} has no item`];
      if (item.status === end) return [];
      return [`${key}, ${item.id}, is ${item.status} in ${item.stage}, not ${end}: ${item.reason}`];
    }),
};
