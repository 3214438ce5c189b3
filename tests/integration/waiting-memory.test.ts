import { afterAll, beforeAll, expect, it } from "vitest";
import { startOwnRedis } from "../support/redis.js";
import { SHAPES, type WaitingGraph, waitingGraph } from "../support/waiting-graph.js";

const PLACES = [
  ["stages", "ET-002-v1-advance-run"],
  ["gates", "ET-002-v1-gate-run"],
  ["runs", "ET-002-v1-run"],
  ["slots", "ET-002-v1-slot"],
] as const;

let server: Awaited<ReturnType<typeof startOwnRedis>>;
let graph: WaitingGraph;
beforeAll(async () => {
  server = await startOwnRedis();
  graph = await waitingGraph(server.url, 2, SHAPES.chain);
});
afterAll(async () => {
  await graph.close();
  await server.stop();
});

it.each(PLACES)(
  "a waiting job of queue %s stores nothing that is kept elsewhere",
  async (queue, id) => {
    const { redis, prefix } = graph.store;
    const stored = await redis.hgetall(`${prefix}:queue:${queue}:${id}`);
    const names = Object.keys(JSON.parse(stored.opts ?? ""));
    for (const elsewhere of ["jobId", "parent", "attempts", "backoff", "removeOnComplete"]) {
      expect(names).not.toContain(elsewhere);
    }
  },
);

it("a waiting job still knows its parent and how often it is tried", async () => {
  const job = await graph.store.queues.get("runs").getJob("ET-002-v1-run");
  expect(job).toMatchObject({
    id: "ET-002-v1-run",
    parent: { id: "ET-002-v1-gate-run" },
    parentKey: `${graph.store.prefix}:queue:gates:ET-002-v1-gate-run`,
    opts: { attempts: 12, backoff: { type: "exponential", delay: 1_000, jitter: 0.5 } },
  });
});

it("a blocker that is met lets its dependent go on", async () => {
  expect(await graph.meet(1)).toBe(1);
  expect(await graph.store.queues.get("dependencies").getJobCountByTypes("delayed")).toBe(0);
});
