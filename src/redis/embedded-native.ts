import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ChildServer, followServer } from "./child-server.js";
import { type Access, accessUrl, moveAccess, openAccess } from "./embedded-access.js";
import { type EmbeddedOptions, type EmbeddedRedis, EmbeddedRedisError } from "./embedded-server.js";
import { probe, shutDown } from "./probe.js";

export interface NativeServer {
  readonly kind: "redis-server" | "valkey-server";
  /** Absolute. */
  readonly path: string;
}

const GUARD = fileURLToPath(new URL("./guard.sh", import.meta.url));
/** Names its owner, and the server tells it to whoever has the password. */
const CONF = /^redis-(\d+)-[0-9a-f-]+\.conf$/;
const POLL_MS = 20;
/** A server whose owner died has this long to go; it writes at most a second of data. */
const LEAVING_MS = 15_000;
/** A killed owner counts as alive until its parent has noticed. */
const DYING_MS = 1_000;
/** For listening; loading data may take as long as it takes. */
const LISTENING_MS = 30_000;

/** The first of `redis-server` and `valkey-server` on PATH. */
export async function findNativeServer(): Promise<NativeServer | null> {
  for (const kind of ["redis-server", "valkey-server"] as const) {
    const path = await findProgram(kind);
    if (path !== null) return { kind, path };
  }
  return null;
}

/**
 * Runs `server` on `<dataDir>/redis`, append-only, under a guard that stops it when this process is
 * gone, `kill -9` included.
 * @throws EmbeddedRedisError
 */
export async function startNative(
  server: NativeServer,
  { dataDir, log }: EmbeddedOptions,
): Promise<EmbeddedRedis> {
  const folder = join(dataDir, "redis");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const access = await openAccess(folder);
    const found = await probe(accessUrl(access));
    if (found.kind === "foreign") {
      await moveAccess(folder, access);
    } else if (found.kind === "nobody") {
      const running = await launch(server, folder, access, log);
      if (running !== null) return asEmbedded(server, access, running);
    } else {
      await outlast(folder, access);
    }
  }
}

function asEmbedded(server: NativeServer, access: Access, running: Running): EmbeddedRedis {
  return {
    url: accessUrl(access),
    kind: server.kind,
    persistent: true,
    ended: running.child.ended,
    stop: () => running.child.stop(running.ask),
  };
}

interface Running {
  readonly child: ChildServer;
  readonly ask: () => void;
}

/** Null: somebody else took the port meanwhile; look again who. */
async function launch(
  server: NativeServer,
  folder: string,
  access: Access,
  log: EmbeddedOptions["log"],
): Promise<Running | null> {
  const conf = writeConfiguration(folder, access);
  const guard = spawn("/bin/sh", [GUARD, server.path, conf], {
    cwd: folder,
    env: {},
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const running = { child: followServer(guard, log), ask: () => guard.stdin.end() };
  if (await listens(running, accessUrl(access), conf)) {
    running.child.expectToStay();
    removeOldConfigurations(folder, conf);
    return running;
  }
  await running.child.stop(running.ask);
  rmSync(join(folder, conf), { force: true });
  if ((await probe(accessUrl(access))).kind !== "nobody") return null;
  throw new EmbeddedRedisError(
    "start-failed",
    `${server.kind} did not start; it said:\n${running.child.lastWords()}`,
  );
}

/** Waits until the server started with `conf`, and no other, takes commands. */
async function listens({ child }: Running, url: string, conf: string): Promise<boolean> {
  const deadline = Date.now() + LISTENING_MS;
  while (!child.hasEnded()) {
    const found = await probe(url);
    if (found.kind === "ready" && basename(found.configFile) === conf) return true;
    if (found.kind !== "loading" && Date.now() > deadline) return false;
    await Promise.race([pause(POLL_MS), child.ended]);
  }
  return false;
}

/** Waits until the folder's server is gone, which it soon is if its owner is. */
async function outlast(folder: string, access: Access): Promise<void> {
  const patience = Date.now() + DYING_MS;
  const deadline = Date.now() + LEAVING_MS;
  for (let told = false; ; ) {
    const found = await probe(accessUrl(access));
    if (found.kind === "nobody" || found.kind === "foreign") return;
    const owned = isAlive(ownerOf(found.configFile));
    if (Date.now() > (owned ? patience : deadline)) {
      throw new EmbeddedRedisError(
        "in-use",
        `another stagecoach uses ${folder}; stop it, or give this one another DATA_DIR or a REDIS_URL`,
      );
    }
    // Its guard does this as well, unless that was killed too.
    if (!owned && !told) await shutDown(accessUrl(access));
    told ||= !owned;
    await pause(POLL_MS);
  }
}

function ownerOf(configFile: string): number | null {
  const pid = CONF.exec(basename(configFile))?.[1];
  return pid === undefined ? null : Number(pid);
}

/** Of a server that isn't ours to judge the owner counts as alive. */
function isAlive(pid: number | null): boolean {
  if (pid === null) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** The password stands in a file only its owner reads, never in an argument list. */
function writeConfiguration(folder: string, access: Access): string {
  const name = `redis-${process.pid}-${randomUUID()}.conf`;
  writeFileSync(join(folder, name), configuration(access), { mode: 0o600, flag: "wx" });
  return name;
}

/** Only the running server's is needed; the port's holder may take the others away. */
function removeOldConfigurations(folder: string, kept: string): void {
  const old = readdirSync(folder).filter((name) => CONF.test(name) && name !== kept);
  for (const name of old) rmSync(join(folder, name), { force: true });
}

function configuration(access: Access): string {
  return [
    "bind 127.0.0.1",
    `port ${access.port}`,
    `requirepass ${access.password}`,
    "protected-mode yes",
    "daemonize no",
    "dir .",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    "maxmemory-policy noeviction",
    // Jobs and items are small hashes, a fifth smaller when packed; later versions know the older name as well.
    "hash-max-ziplist-value 1024",
    "",
  ].join("\n");
}

/** Where PATH has a program; null: nowhere. */
export async function findProgram(name: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", 'command -v "$1"', "sh", name]);
    const path = stdout.trim();
    return path.startsWith("/") ? path : null;
  } catch (error) {
    // The shell found none; it exits with a number, a shell that can't run has a text for a code.
    if (typeof (error as { code?: unknown }).code === "number") return null;
    throw error;
  }
}
