import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OutboundEffect } from "../../src/engine/flows.js";
import { createNotifications, notificationJobId } from "../../src/queue/producers.js";
import { createQueues } from "../../src/queue/queues.js";
import { openTestRedis } from "../support/work.js";

describe("what is to be told", () => {
  let server: Awaited<ReturnType<typeof openTestRedis>>;
  beforeAll(async () => {
    server = await openTestRedis();
  });
  afterAll(() => server.close());

  const add = async (effect: OutboundEffect, messenger = true) => {
    const queues = createQueues(server.redis, server.prefix);
    const address = { tracker: "gitea", repo: "acme/rocket", number: 7 } as const;
    const notification = { address, project: "acme/rocket", item: "ET-001", effect };
    const notifications = createNotifications(queues, { messenger });
    await notifications.add(notification);
    await notifications.add(notification);
    const queue = queues.get("notifications");
    const id = notificationJobId(effect.id);
    return { state: await queue.getJobState(id), delay: (await queue.getJob(id))?.delay };
  };

  it("is told at once", async () => {
    const comment = { id: "c1", kind: "comment", body: "Who shall count?" } as const;
    expect(await add(comment)).toEqual({ state: "waiting", delay: 0 });
  });

  it("waits a moment where it is an item's status, which may be another by then", async () => {
    const { state, delay } = await add({ id: "s1", kind: "status-comment" });
    expect(state).toBe("delayed");
    expect(delay).toBeGreaterThan(0);
    expect(delay).toBeLessThanOrEqual(1_000);
  });

  it("is nobody's business where no messenger is configured", async () => {
    const notification = { id: "n1", kind: "notification", text: "ET-001 is done." } as const;
    expect(await add(notification, false)).toEqual({ state: "unknown", delay: undefined });
    expect(await add(notification)).toEqual({ state: "waiting", delay: 0 });
  });
});
