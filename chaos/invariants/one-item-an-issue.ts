import { issueKey } from "../../src/domain/issue.js";
import { type Invariant, repeated } from "./invariant.js";

export const oneItemAnIssue: Invariant = {
  name: "an issue has one work item (I13)",
  broken: ({ items, issues, owners }) => {
    const keys = items.map(({ item }) => issueKey(item.issue));
    const withdrawn = issues.filter(({ ends }) => ends.includes("cancelled")).map(({ key }) => key);
    const strangers = items.filter(({ item }) => {
      const owner = owners[issueKey(item.issue)];
      if (owner !== undefined) return owner !== item.id;
      // An issue that the bot was taken off is free for another item.
      return !withdrawn.includes(issueKey(item.issue));
    });
    return [
      ...repeated(keys).map((key) => `${key} has several items`),
      ...repeated(items.map(({ item }) => item.id)).map((id) => `${id} is there several times`),
      ...strangers.map(({ item }) => `${item.id} isn't the one its issue names`),
    ];
  },
};
