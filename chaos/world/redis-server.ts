import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { Redis } from "ioredis";
import { freePort } from "../../src/redis/embedded-access.js";
import { findNativeServer } from "../../src/redis/embedded-native.js";
import { tracked } from "./children.js";

/** A Redis that loses nothing it acknowledged, to be killed and brought back at its address. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  pid(): number;
  /** False: it is dead, and hears nothing. */
  signal(name: "SIGSTOP" | "SIGCONT"): boolean;
  /** Past every proxy; commands wait while it is away. */
  readonly admin: Redis;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws if there is no native server on PATH */
export async function startRedisServer(folder: string): Promise<RedisServer> {
  const native = await findNativeServer();
  if (native === null) throw new Error("redis-server or valkey-server must be on PATH");
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  // `always`: what was acknowledged is on disk, so that any loss is the fleet's own.
  const settings = { port, bind: "127.0.0.1", dir: folder, save: "", appendonly: "yes" };
  const args = Object.entries({ ...settings, appendfsync: "always" });
  const flags = args.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const admin = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null, lazyConnect: true });
  // Its outages are played on purpose.
  admin.on("error", () => undefined);
  let child: ChildProcess | null = null;
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    signal: (name) => child?.kill(name) ?? false,
    admin,
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await exit;
    },
    async start() {
      child = tracked(spawn(native.path, flags, { stdio: "ignore", detached: true }));
      await admin.ping();
    },
    async stop() {
      admin.disconnect();
      await server.kill();
    },
  };
  await server.start();
  return server;
}
