import type { Pipeline } from "../../src/domain/pipeline.js";
import { type Invariant, repeated } from "./invariant.js";

export const onePullRequest: Invariant = {
  name: "a branch has one pull request, and each reviewed item has it",
  broken: ({ items, pipelines, pullRequests }) => {
    const heads = pullRequests.map(({ head }) => head);
    const done = items.filter(({ item }) => item.status === "done");
    const without = done.filter(
      ({ item }) => isReviewed(pipelines[item.pipeline]) && !heads.includes(item.branch),
    );
    return [
      ...repeated(heads).map((head) => `${head} has several pull requests`),
      ...without.map(({ item }) => `${item.id} is done without a pull request`),
    ];
  },
};

/** It is opened where somebody reviews. */
function isReviewed(pipeline: Pipeline | undefined): boolean {
  return (
    pipeline?.steps.some(({ agent, gate }) => {
      return agent === "reviewer" || gate === "review-approved";
    }) ?? false
  );
}
