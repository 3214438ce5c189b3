import { expect, it, onTestFinished } from "vitest";
import { startLine } from "../../chaos/world/tcp-proxy.js";
import { connectRedis } from "../../src/redis/connection.js";
import { createWorkItemStore } from "../../src/redis/work-item-store.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { step } from "../contracts/made-items.js";
import { sampleItem } from "../support/memory-work-items.js";
import { until } from "../support/processes.js";
import { openTestRedis } from "../support/work.js";

/** Long enough to cut the line while an answer is on its way, in ms. */
const ON_ITS_WAY_MS = 1_000;

it("a transition whose answer is lost with the line is its writer's own, once", async () => {
  const server = await openTestRedis();
  const line = await startLine(Number(new URL(server.url).port));
  const url = `redis://127.0.0.1:${line.port}`;
  const connection = connectRedis({ url, role: "worker", log: silentLogger() });
  onTestFinished(async () => {
    connection.disconnect();
    await line.stop();
    await server.close();
  });
  const items = createWorkItemStore(connection, server.prefix);
  const seenBeside = createWorkItemStore(server.redis, server.prefix);
  await items.create(step(sampleItem(1), "start"), "task");

  const speedUp = line.delay(ON_ITS_WAY_MS);
  let asked = 0;
  let answered = false;
  const written = items.transition("ET-001", (item) => {
    asked += 1;
    return step({ ...item, title: "Once" }, "move");
  });
  void written.then(() => {
    answered = true;
  });
  await until("it is written", async () => {
    return (await seenBeside.find("ET-001"))?.title === "Once";
  });
  const mend = line.cut();
  expect(answered).toBe(false);
  speedUp();
  mend();

  expect((await written)?.item.title).toBe("Once");
  expect(asked).toBe(1);
  expect(await items.history("ET-001")).toHaveLength(2);
  expect(await items.transition("ET-001", (item) => step(item, "next"))).not.toBeNull();
  expect(await items.history("ET-001")).toHaveLength(3);
});
