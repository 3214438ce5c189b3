import { afterEach, beforeEach, expect, it } from "vitest";
import { boardAdapters, type LogsOfJob } from "../../src/queue/board-adapters.js";
import { createQueues, type Queues } from "../../src/queue/queues.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { basic, type OperatorApp, operatorApp, VIEWER } from "../support/operator-app.js";
import { startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";

let server: TestRedis;
let redis: RedisConnection;
let queues: Queues;
let app: OperatorApp;

const logsOf: LogsOfJob = async ({ item, version }) => [`== ${item}-v${version}-a1: failed`, "no"];

beforeEach(async () => {
  server = await startRedis();
  redis = connectRedis({ url: server.url, role: "worker", log: silentLogger() });
  queues = createQueues(redis, uniquePrefix());
  app = await operatorApp({ board: boardAdapters(queues, logsOf) });
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
