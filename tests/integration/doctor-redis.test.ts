import { Worker } from "bullmq";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmbeddedRedis } from "../../src/redis/embedded.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { lineOf, openDoctorWorld } from "../support/doctor-world.js";
import { pretendVersion } from "../support/old-redis.js";
import { isNative } from "../support/redis.js";

/** WebAssembly's engine obeys no settings. */
const needsNative = (name: string, test: () => Promise<void>) =>
  it(name, async (context) => {
    if (!isNative()) context.skip("needs redis-server or valkey-server, which obeys settings");
    await test();
  });

describe("Redis", { timeout: 60_000 }, () => {
  it("can't be reached, and the password isn't said", async () => {
    const world = await openDoctorWorld();
    const lines = await world.examine({ REDIS_URL: "redis://:hunter2@127.0.0.1:1" });
    const line = lineOf(lines, "Redis", "fail", "can't be reached");
    expect(line.mend).toContain("REDIS_URL");
    lineOf(lines, "workers", "warn", "can't be counted");
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });

  needsNative("refuses the password", async () => {
    const world = await openDoctorWorld({ requirepass: "right" });
    const url = world.env.REDIS_URL?.replace("//", "//:wrong@") ?? "";
    lineOf(await world.examine({ REDIS_URL: url }), "Redis", "fail", "WRONGPASS");
    lineOf(await world.examine(), "Redis", "fail", "NOAUTH");
    const right = world.env.REDIS_URL?.replace("//", "//:right@") ?? "";
    lineOf(await world.examine({ REDIS_URL: right }), "Redis", "ok", "version");
  });

  needsNative("evicts", async () => {
    const world = await openDoctorWorld({ "maxmemory-policy": "allkeys-lru" });
    const line = lineOf(await world.examine(), "Redis", "fail", "maxmemory-policy allkeys-lru");
    expect(line.mend).toContain("CONFIG SET maxmemory-policy noeviction");
  });

  needsNative("keeps nothing, snapshots alone, or all", async () => {
    const none = await openDoctorWorld({ appendonly: "no", save: "" });
    const line = lineOf(await none.examine(), "Redis", "fail", "no persistence");
    expect(line.mend).toContain("appendonly yes");
    const some = await openDoctorWorld({ appendonly: "no", save: "3600 1" });
    lineOf(await some.examine(), "Redis", "warn", "snapshots alone");
    const all = await openDoctorWorld({ appendonly: "yes" });
    lineOf(await all.examine(), "Redis", "ok", "append-only");
  });

  it("is too old for BullMQ, or older than what is tested", async () => {
    const world = await openDoctorWorld();
    const url = world.env.REDIS_URL ?? "";
    const ancient = await world.examine({ REDIS_URL: await pretendVersion(url, "4.0.1") });
    const line = lineOf(ancient, "Redis", "fail", /version 4\.0\.1\d* is too old for BullMQ/);
    expect(line.mend).toContain("6.2 or newer");
    const old = await world.examine({ REDIS_URL: await pretendVersion(url, "6.0.1") });
    lineOf(old, "Redis", "warn", /version 6\.0\.1\d* is old/);
  });

  it("of `stagecoach start` is found, or said to come", async () => {
    const world = await openDoctorWorld();
    const coming = (await world.examine({ REDIS_URL: null })).filter(
      ({ name }) => name === "Redis",
    );
    expect(coming).toHaveLength(1);
    expect(coming[0]?.says).toContain("REDIS_URL is not set");
    const options = { dataDir: world.env.DATA_DIR ?? "", log: silentLogger() };
    const own = await startEmbeddedRedis(options);
    onTestFinished(() => own.stop());
    if (own.persistent) {
      lineOf(await world.examine({ REDIS_URL: null }), "Redis", "ok", "append-only");
    }
  });

  it("has jobs that nobody takes: the queues are named", async () => {
    const world = await openDoctorWorld();
    const none = lineOf(await world.examine(), "workers", "warn", "no fleet runs");
    expect(none.mend).toContain("stagecoach start");
    const { REDIS_URL: url = "", REDIS_PREFIX } = world.env;
    const worker = new Worker("runs", async () => {}, {
      connection: { url },
      prefix: `${REDIS_PREFIX}:queue`,
    });
    onTestFinished(() => worker.close());
    await worker.waitUntilReady();
    const some = lineOf(await world.examine(), "workers", "warn", "nobody takes the jobs of");
    expect(some.says).toContain("deliveries");
    expect(some.says).not.toContain("runs");
  });
});
