import { afterAll, beforeAll } from "vitest";
import { createDependencyGraph } from "../../src/redis/dependency-graph.js";
import { createWorkItemStore } from "../../src/redis/work-item-store.js";
import { uniquePrefix } from "../support/redis.js";
import { openTestRedis } from "../support/work.js";
import { workItemsContract } from "./work-items.js";

let server: Awaited<ReturnType<typeof openTestRedis>>;
beforeAll(async () => {
  server = await openTestRedis();
});
afterAll(() => server.close());

workItemsContract("Redis", async () => {
  const prefix = uniquePrefix();
  return {
    items: createWorkItemStore(server.redis, prefix),
    graph: createDependencyGraph(server.redis, prefix),
  };
});
