import { type Invariant, repeated } from "./invariant.js";

export const onePullRequest: Invariant = {
  name: "a branch has one pull request, and each done item has it",
  broken: ({ items, pullRequests }) => {
    const heads = pullRequests.map(({ head }) => head);
    const done = items.filter(({ item }) => item.status === "done");
    const without = done.filter(({ item }) => !heads.includes(item.branch));
    return [
      ...repeated(heads).map((head) => `${head} has several pull requests`),
      ...without.map(({ item }) => `${item.id} is done without a pull request`),
    ];
  },
};
