import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startRedisServer } from "../../chaos/world/redis-server.js";
import { findNativeServer } from "../../src/redis/embedded-native.js";

/** Chaos plays on a native Redis alone. */
const native = await findNativeServer();

it.skipIf(native === null)(
  "a Redis of chaos that is dead hears no signal, and comes back with what it had",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-redis-"));
    const redis = await startRedisServer(folder);
    onTestFinished(async () => {
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    });
    await redis.admin.set("kept", "yes");
    expect(redis.signal("SIGSTOP")).toBe(true);
    await redis.kill();
    expect(redis.signal("SIGSTOP")).toBe(false);
    await redis.start();
    redis.signal("SIGCONT");
    expect(await redis.admin.get("kept")).toBe("yes");
  },
);
