import { afterEach, beforeEach, expect, it } from "vitest";
import { boardAdapters, type JobFacts } from "../../src/queue/board-adapters.js";
import { createQueues, type Queues } from "../../src/queue/queues.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { basic, type OperatorApp, operatorApp, VIEWER } from "../support/operator-app.js";
import { startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";

interface ShownQueue {
  readonly name: string;
  readonly jobs: readonly { id: string; name: string; externalUrl: unknown }[];
}

let server: TestRedis;
let redis: RedisConnection;
let queues: Queues;
let app: OperatorApp;

const facts: JobFacts = {
  logsOf: async ({ item, version }) => [`== ${item}-v${version}-a1: failed`, "no"],
  stageOf: async ({ version }) => (version === 3 ? "review" : null),
};

beforeEach(async () => {
  server = await startRedis();
  redis = connectRedis({ url: server.url, role: "worker", log: silentLogger() });
  queues = createQueues(redis, uniquePrefix());
  app = await operatorApp({ board: boardAdapters(queues, facts) });
});

afterEach(async () => {
  await app.close();
  await queues.get("runs").obliterate({ force: true });
  await queues.close();
  redis.disconnect();
  await server.stop();
});

it("shows what a run's agents printed at the run's job", async () => {
  await queues.add("runs", "run", "ET-001-v3-run", { item: "ET-001", version: 3 });
  const logs = async (job: string) =>
    (await app.fetch(`/board/api/queues/runs/${job}/logs`, { headers: basic(VIEWER) })).json();
  expect(await logs("ET-001-v3-run")).toEqual(["== ET-001-v3-a1: failed", "no"]);
  expect(await logs("ET-404-v1-run")).not.toContain("no");
});

it("titles a job by its item and the stage it is of, where that is known", async () => {
  await queues.add("runs", "ET-001 run", "ET-001-v3-run", { item: "ET-001", version: 3 });
  await queues.add("runs", "ET-001 run", "ET-001-v2-run", { item: "ET-001", version: 2 });
  const path = "/board/api/queues?activeQueue=runs&status=waiting";
  const answer = await app.fetch(path, { headers: basic(VIEWER) });
  const { queues: shown } = (await answer.json()) as { queues: ShownQueue[] };
  const jobs = shown.find(({ name }) => name === "runs")?.jobs ?? [];
  const titles = jobs.map(({ id, name, externalUrl }) => [id, name, externalUrl]);
  const link = { displayText: "Item", href: "/items/ET-001" };
  expect(titles.sort()).toEqual([
    ["ET-001-v2-run", "ET-001 run", link],
    ["ET-001-v3-run", "ET-001 review: run", link],
  ]);
  const one = await app.fetch("/board/api/queues/runs/ET-001-v3-run", { headers: basic(VIEWER) });
  expect(await one.json()).toMatchObject({ job: { name: "ET-001 review: run" } });
  expect((await queues.get("runs").getJob("ET-001-v3-run"))?.name).toBe("ET-001 run");
});
