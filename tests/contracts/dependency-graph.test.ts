import { afterAll, beforeAll } from "vitest";
import { createDependencyGraph } from "../../src/redis/dependency-graph.js";
import { uniquePrefix } from "../support/redis.js";
import { openTestRedis } from "../support/work.js";
import { dependencyGraphContract } from "./dependency-graph.js";

let server: Awaited<ReturnType<typeof openTestRedis>>;
beforeAll(async () => {
  server = await openTestRedis();
});
afterAll(() => server.close());

dependencyGraphContract("Redis", async () => createDependencyGraph(server.redis, uniquePrefix()));
