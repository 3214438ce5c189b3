import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ChildServer, followServer } from "../src/redis/child-server.js";
import { freePort } from "../src/redis/embedded-access.js";
import { findProgram } from "../src/redis/embedded-native.js";
import { silentLogger } from "../src/telemetry/logger.js";
import type { Bench } from "./case.js";

const run = promisify(execFile);

/** A PostgreSQL that can be started here: its programs, and who may run them. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
  /** As people know it: `15.18`. */
  readonly version: string;
  /** Null: oneself. */
  readonly runsAs: Account | null;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

const USER = "bench";
const POLL_MS = 20;
const STARTING_MS = 60_000;
/** Stops what it runs when this process is gone, however that ends. Its text is passed on: whom it runs as may not read it here. */
const GUARD = fileURLToPath(new URL("../src/redis/guard.sh", import.meta.url));

/** Null where PATH has none, or where root has nobody else to run it as, which PostgreSQL insists on. */
export async function findPostgres(): Promise<PostgresPrograms | null> {
  const [postgres, initdb] = [await findProgram("postgres"), await findProgram("initdb")];
  if (postgres === null || initdb === null) return null;
  const runsAs = process.getuid?.() === 0 ? await unprivileged() : null;
  if (runsAs === "nobody there") return null;
  const { stdout } = await run(postgres, ["--version"]);
  return { postgres, initdb, version: /\d+(\.\d+)*/.exec(stdout)?.[0] ?? "", runsAs };
}

/**
 * Starts one with its default settings on loopback, in a folder of its own; it ends, and the folder
 * goes, with the case.
 * @returns its URL, with a random password
 */
export async function startPostgres(programs: PostgresPrograms, bench: Bench): Promise<string> {
  const { initdb, runsAs } = programs;
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-bench-postgres-"));
  let child: ChildServer | null = null;
  let ask = () => {};
  bench.atEnd(async () => {
    await child?.stop(ask);
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  });
  const password = randomUUID();
  const secret = join(folder, "password");
  await writeFile(secret, password, { mode: 0o600 });
  for (const path of runsAs === null ? [] : [folder, secret]) {
    await chown(path, runsAs?.uid ?? 0, runsAs?.gid ?? 0);
  }
  const data = join(folder, "data");
  const as = { cwd: folder, env: {}, ...runsAs };
  const access = ["--username", USER, "--auth", "scram-sha-256", "--pwfile", secret];
  await run(initdb, ["--pgdata", data, ...access, "--no-locale", "--encoding", "UTF8"], as);
  const port = await freePort();
  await writeFile(join(data, "postgresql.auto.conf"), settings(port));
  const guard = spawn(
    "/bin/sh",
    ["-c", readFileSync(GUARD, "utf8"), "guard", programs.postgres, `-D${data}`],
    { ...as, detached: true, stdio: ["pipe", "pipe", "pipe"] },
  );
  child = followServer(guard, silentLogger());
  ask = () => void hangUp(data).catch(() => guard.stdin.end());
  await untilListening(child);
  child.expectToStay();
  return `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`;
}

/** All else is as it comes: a transaction is on the disk when it is committed. */
function settings(port: number): string {
  return [
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    "unix_socket_directories = ''",
    "",
  ].join("\n");
}

async function untilListening(child: ChildServer): Promise<void> {
  const deadline = Date.now() + STARTING_MS;
  while (!child.lastWords().includes("ready to accept connections")) {
    if (child.hasEnded() || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start; it said:\n${child.lastWords()}`);
    }
    await pause(POLL_MS);
  }
}

/** Ends it without waiting for its clients, as the guard's SIGTERM would. */
async function hangUp(data: string): Promise<void> {
  const pid = Number((await readFile(join(data, "postmaster.pid"), "utf8")).split("\n")[0]);
  process.kill(pid, "SIGINT");
}

/** Whom PostgreSQL's packages make, or else whom every system has. */
async function unprivileged(): Promise<Account | "nobody there"> {
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = [await run("id", ["-u", name]), await run("id", ["-g", name])];
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch (error) {
      if (!isExit(error)) throw error;
    }
  }
  return "nobody there";
}

/** The program ran and said no; one that can't run has a text for a code. */
function isExit(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === "number";
}
