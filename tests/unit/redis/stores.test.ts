import RedisMock from "ioredis-mock";
import { createDependencyGraph } from "../../../src/redis/dependency-graph.js";
import { createLockStore } from "../../../src/redis/lock-store.js";
import { createWorkItemStore } from "../../../src/redis/work-item-store.js";
import { dependencyGraphContract } from "../../contracts/dependency-graph.js";
import { locksContract } from "../../contracts/locks.js";
import { workItemsContract } from "../../contracts/work-items.js";
import { uniquePrefix } from "../../support/redis.js";

const redis = new RedisMock();

workItemsContract("in-memory Redis", async () => {
  const prefix = uniquePrefix();
  return {
    items: createWorkItemStore(redis, prefix),
    graph: createDependencyGraph(redis, prefix),
  };
});

dependencyGraphContract("in-memory Redis", async () =>
  createDependencyGraph(redis, uniquePrefix()),
);

locksContract("in-memory Redis", async () => {
  const prefix = uniquePrefix();
  return [createLockStore(redis, prefix), createLockStore(redis, prefix)];
});
