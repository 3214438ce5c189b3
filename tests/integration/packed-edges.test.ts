import { afterAll, beforeAll, expect, it } from "vitest";
import { giteaIssueKey } from "../../src/domain/issue.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { createDependencyGraph } from "../../src/redis/dependency-graph.js";
import { packedEdges } from "../../src/redis/packed-edges.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { startRedis, uniquePrefix } from "../support/redis.js";

const [A, B, C] = [1, 2, 3].map((number) => giteaIssueKey("acme/rocket", number)) as [
  string,
  string,
  string,
];
const TEXT = { by: "text", issue: C } as const;
const TRACKER = { by: "tracker", issue: C } as const;

let redis: RedisConnection;
beforeAll(async () => {
  redis = connectRedis({ url: (await startRedis()).url, role: "worker", log: silentLogger() });
});
afterAll(() => redis.disconnect());

/** C waits for A, which its text and the tracker state, and waited for B, which is met. */
async function olderEdges(prefix: string): Promise<void> {
  await redis.sadd(`${prefix}:stated:text:${C}`, `${C} ${A}`, `${C} ${B}`);
  await redis.sadd(`${prefix}:stated:tracker:${C}`, `${C} ${A}`);
  await redis.hset(`${prefix}:edge-sources:${C}`, { [A]: 2, [B]: 1 });
  await redis.sadd(`${prefix}:unmet:${C}`, A);
  await redis.sadd(`${prefix}:met`, B);
  for (const blocker of [A, B]) await redis.sadd(`${prefix}:dependents:${blocker}`, C);
}

it("edges of an older version are read as they were, whatever was brought over before", async () => {
  const prefix = `${uniquePrefix()}[*]`;
  await olderEdges(prefix);
  await packedEdges.run(redis, prefix);
  await packedEdges.run(redis, prefix);
  const graph = createDependencyGraph(redis, prefix);
  expect(await graph.unmet(C)).toEqual([A]);
  expect(await graph.blockers(C)).toEqual([A, B]);
  expect(await graph.dependents(B)).toEqual([C]);
  expect(await graph.stated(TRACKER)).toEqual([{ dependent: C, blocker: A }]);
  await graph.state(TRACKER, []);
  expect(await graph.unmet(C)).toEqual([A]);
  await graph.state(TEXT, []);
  expect(await graph.unmet(C)).toEqual([]);
  expect(await graph.vanished(TEXT)).toEqual([{ dependent: C, blocker: A }]);
});

it("nothing of the older keys stays", async () => {
  const prefix = uniquePrefix();
  await olderEdges(prefix);
  await packedEdges.run(redis, prefix);
  expect(await redis.exists(`${prefix}:edge-sources:${C}`, `${prefix}:unmet:${C}`)).toBe(0);
});
