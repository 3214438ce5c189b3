import type { Invariant } from "./invariant.js";

export const workIsOnTheRemote: Invariant = {
  name: "a done item's commit is its branch's head on the remote",
  broken: ({ items, branches }) =>
    items
      .filter(({ item }) => item.status === "done" && branches[item.branch] !== item.head)
      .map(({ item }) => {
        return `${item.id}: ${item.branch} is at ${branches[item.branch]}, not ${item.head}`;
      }),
};
