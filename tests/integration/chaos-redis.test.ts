import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { OVER } from "../../chaos/faults/fault.js";
import { killedClients } from "../../chaos/faults/redis-faults.js";
import { type RedisServer, startRedisServer } from "../../chaos/world/redis-server.js";
import type { World } from "../../chaos/world/world.js";
import { findNativeServer } from "../../src/redis/embedded-native.js";

/** Chaos plays on a native Redis alone. */
const native = await findNativeServer();

async function openRedis(): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-redis-"));
  const redis = await startRedisServer(folder);
  onTestFinished(async () => {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return redis;
}

it.skipIf(native === null)(
  "a Redis of chaos that is dead hears no signal, and comes back with what it had",
  async () => {
    const redis = await openRedis();
    await redis.admin.set("kept", "yes");
    expect(redis.signal("SIGSTOP")).toBe(true);
    await redis.kill();
    expect(redis.signal("SIGSTOP")).toBe(false);
    await redis.start();
    redis.signal("SIGCONT");
    expect(await redis.admin.get("kept")).toBe("yes");
  },
);

it.skipIf(native === null)(
  "CLIENT KILL is played on a Redis that froze before it let the auditor in, and was killed then",
  async () => {
    const redis = await openRedis();
    redis.signal("SIGSTOP");
    const connected = once(redis.admin, "connect");
    redis.admin.disconnect(true);
    await connected;
    const begun = killedClients.begin({ redis } as World, "redis");
    await redis.kill();
    await redis.start();
    expect(await begun).toBe(OVER);
  },
);
