import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { connectRedis, type RedisConnection, untilReady } from "../../src/redis/connection.js";
import { startEmbeddedRedis } from "../../src/redis/embedded.js";
import { freePort } from "../../src/redis/embedded-access.js";
import { findNativeServer } from "../../src/redis/embedded-native.js";
import type { EmbeddedRedis } from "../../src/redis/embedded-server.js";
import { checkPolicy, EvictionPolicyError } from "../../src/redis/policy.js";
import { type Logger, silentLogger } from "../../src/telemetry/logger.js";

const native = await findNativeServer();
let folder: string;
let redis: EmbeddedRedis;
const open: RedisConnection[] = [];
const proxies: Network[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "connection-"));
  redis = await startEmbeddedRedis({ dataDir: folder, log: silentLogger() });
});
afterEach(() => {
  for (const connection of open.splice(0)) connection.disconnect();
  for (const proxy of proxies.splice(0)) proxy.cut();
});
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
});

/** A network between client and server that can be cut and mended. */
class Network {
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  port = 0;

  async mend(target: number): Promise<void> {
    this.#server = createServer((client) => {
      const upstream = connect(target, "127.0.0.1");
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    const address = server.address();
    if (address !== null && typeof address === "object") this.port = address.port;
  }

  cut(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }
}

async function throughProxy(): Promise<{ proxy: Network; url: string; mend: () => Promise<void> }> {
  const proxy = new Network();
  proxies.push(proxy);
  const target = Number(new URL(redis.url).port);
  await proxy.mend(target);
  const url = redis.url.replace(`:${target}`, `:${proxy.port}`);
  return { proxy, url, mend: () => proxy.mend(target) };
}

/** Keeps what is logged, in order. */
function recorder(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (first: unknown, second?: unknown) => {
    lines.push(`${level} ${JSON.stringify(first)} ${String(second ?? "")}`);
  };
  const log = {
    ...silentLogger(),
    info: write("info"),
    warn: write("warn"),
    child: () => log,
  } as unknown as Logger;
  return { log, lines };
}

function connection(url: string, role: "producer" | "worker", log = silentLogger()) {
  const made = connectRedis({ url, role, log });
  open.push(made);
  return made;
}

describe("a producer", () => {
  it("fails at once while Redis is away, and works again when it is back", async () => {
    const { proxy, url, mend } = await throughProxy();
    const producer = connection(url, "producer");
    await untilReady(producer, 10_000, url);
    proxy.cut();
    await vi.waitFor(() => expect(producer.status).not.toBe("ready"));
    await expect(producer.ping()).rejects.toThrow(/enableOfflineQueue/);
    await mend();
    await untilReady(producer, 10_000, url);
    expect(await producer.ping()).toBe("PONG");
  });

  it("gives up on an answer that doesn't come in its time", async () => {
    const admin = connection(redis.url, "worker");
    const producer = connectRedis({
      url: redis.url,
      role: "producer",
      log: silentLogger(),
      commandTimeoutMs: 200,
    });
    open.push(producer);
    await untilReady(producer, 10_000, redis.url);
    await admin.call("CLIENT", "PAUSE", "20000", "WRITE");
    try {
      await expect(producer.set("key", "value")).rejects.toThrow(/timed out/);
    } finally {
      await admin.call("CLIENT", "UNPAUSE");
    }
  });
});

/** A Cluster of one, which says so to its clients. */
describe.skipIf(native === null)("a Cluster", () => {
  it("is found through a seed that isn't there and one that is, and its policy is checked", async () => {
    const port = await freePort();
    const path = native?.path ?? "";
    const args = [
      "--port",
      `${port}`,
      "--cluster-enabled",
      "yes",
      "--cluster-announce-ip",
      "127.0.0.1",
      "--requirepass",
      "pw",
    ];
    const server = spawn(path, [...args, "--bind", "127.0.0.1", "--save", ""], {
      cwd: mkdtempSync(join(folder, "cluster-")),
      stdio: "ignore",
    });
    try {
      const node = connection(`redis://:pw@127.0.0.1:${port}`, "worker");
      await node.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      await vi.waitFor(
        async () => expect(await node.call("CLUSTER", "INFO")).toContain("cluster_state:ok"),
        { timeout: 20_000 },
      );
      const url = `redis+cluster://:pw@127.0.0.1:1,127.0.0.1:${port}`;
      const cluster = connection(url, "producer");
      await untilReady(cluster, 20_000, url);
      expect(await cluster.set("{stagecoach}:a", "1")).toBe("OK");
      expect(await checkPolicy(cluster, silentLogger())).toBe("noeviction");
      await node.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      await expect(checkPolicy(cluster, silentLogger())).rejects.toThrow(EvictionPolicyError);
    } finally {
      server.kill("SIGKILL");
    }
  });
});

describe("a worker", () => {
  it("waits for Redis to come back with its commands", async () => {
    const { proxy, url, mend } = await throughProxy();
    const worker = connection(url, "worker");
    await untilReady(worker, 10_000, url);
    proxy.cut();
    await vi.waitFor(() => expect(worker.status).not.toBe("ready"));
    const answer = worker.ping();
    await mend();
    expect(await answer).toBe("PONG");
  });
});

describe("an outage", () => {
  it("is logged once, without the password, and so is its end", async () => {
    const { proxy, url, mend } = await throughProxy();
    const { log, lines } = recorder();
    const worker = connection(url, "worker", log);
    await untilReady(worker, 10_000, url);
    proxy.cut();
    let tries = 0;
    worker.on("reconnecting", () => tries++);
    await vi.waitFor(() => expect(tries).toBeGreaterThan(2), { timeout: 10_000 });
    await mend();
    await untilReady(worker, 10_000, url);
    expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(["warn", "info"]);
    expect(lines.join()).not.toContain(new URL(url).password);
    expect(lines.join()).toContain(":***@127.0.0.1");
  });

  it("that doesn't end is told with its cause and without the password", async () => {
    const url = "redis://:hunter2@127.0.0.1:1";
    const attempt = untilReady(connection(url, "worker"), 500, url);
    await expect(attempt).rejects.toThrow(/redis:\/\/:\*\*\*@127\.0\.0\.1:1 .*ECONNREFUSED/);
    await expect(attempt).rejects.not.toThrow(/hunter2/);
  });
});

describe("the eviction policy", () => {
  it("noeviction is taken, any other refused by name", async () => {
    const mine = connection(redis.url, "worker");
    expect(await checkPolicy(mine, silentLogger())).toBe("noeviction");
    await mine.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    try {
      await expect(checkPolicy(mine, silentLogger())).rejects.toThrow(EvictionPolicyError);
      await expect(checkPolicy(mine, silentLogger())).rejects.toThrow(/allkeys-lru/);
    } finally {
      await mine.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
    }
  });

  it("is read elsewhere where CONFIG is forbidden, and warned of where nothing tells it", async () => {
    const admin = connection(redis.url, "worker");
    const { log, lines } = recorder();
    for (const [user, rule, answer] of [
      ["noconfig", "-config", "noeviction"],
      ["nothing", "-info", "unknown"],
    ] as const) {
      const rules = user === "nothing" ? ["-config", rule] : [rule];
      await admin.call("ACL", "SETUSER", user, "on", ">pw", "~*", "&*", "+@all", ...rules);
      const url = new URL(redis.url);
      const limited = connection(`redis://${user}:pw@${url.host}`, "worker");
      expect(await checkPolicy(limited, log)).toBe(answer);
    }
    expect(lines).toEqual([expect.stringMatching(/^warn .*noeviction/)]);
  });
});
