import type { Migration } from "./migration.js";

/** Items were found by an index of branches; their branches' names say their ids. */
export const withoutBranchIndex: Migration = {
  to: 2,
  name: "the index of branches goes",
  async run(redis, prefix) {
    await redis.unlink(`${prefix}:branches`);
  },
};
