import { expect, it, onTestFinished } from "vitest";
import { startLine } from "../../chaos/world/tcp-proxy.js";
import { within } from "../../src/cli/wiring/lifecycle.js";
import { createQueues } from "../../src/queue/queues.js";
import { startWorker } from "../../src/queue/worker.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { until } from "../support/processes.js";
import { startOwnRedis } from "../support/redis.js";
import { openTestRedis } from "../support/work.js";

const DRAIN_MS = 20_000;
const log = silentLogger();

async function blocked(redis: RedisConnection): Promise<number> {
  return String(await redis.client("LIST")).match(/ flags=\w*b/g)?.length ?? 0;
}

/** A worker whose line to Redis can be cut, waiting for a job; it has had one. */
async function workerOnLine() {
  // Nobody else waits on a server of its own.
  const server = await openTestRedis(startOwnRedis);
  const line = await startLine(Number(new URL(server.url).port));
  const url = `redis://127.0.0.1:${line.port}`;
  const connection = connectRedis({ url, role: "worker", log });
  const queues = createQueues(server.redis, server.prefix);
  let taken = 0;
  const context = { connection, prefix: server.prefix, log };
  const worker = startWorker(context, {
    name: "slots",
    concurrency: 1,
    process: async () => {
      taken += 1;
      return { kind: "finished", note: "" };
    },
  });
  const add = (id: string) => queues.add("slots", id, id, { item: "ET-001", version: 1 });
  onTestFinished(async () => {
    connection.disconnect();
    await queues.close();
    await line.stop();
    await server.close();
  });
  await add("ET-001-v1-slot");
  // The end of a job asks for the next one: cut off from its answer it would be asked again.
  await until("its job is over", () =>
    queues
      .get("slots")
      .getCompletedCount()
      .then((n) => n === 1),
  );
  await until("it waits for another", async () => (await blocked(server.redis)) === 1);
  return { worker, line, connection, add, taken: () => taken };
}

it("a worker told to stop while it reconnects drains once Redis is back, and takes nothing more", async () => {
  const { worker, line, connection, add, taken } = await workerOnLine();
  const away = new Promise<void>((resolve) => connection.once("reconnecting", () => resolve()));
  const mend = line.cut();
  await away;
  await add("ET-001-v2-slot");
  const drained = worker.drain();
  expect(await within(1_000, drained)).toBe(false);
  mend();
  expect(await within(DRAIN_MS, drained)).toBe(true);
  expect(taken()).toBe(1);
});
