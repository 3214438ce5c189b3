import { randomUUID } from "node:crypto";
import { utimes } from "node:fs";
import { link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A lock that is held until released, or until its process is gone. */
export interface Held {
  release(): Promise<void>;
}

const HEARTBEAT_MS = 10_000;
/** Beyond this without a heartbeat a holder on another host counts as gone. */
const STALE_MS = 60_000;
const RETRY_MS = 20;

/**
 * Takes the lock file if nobody alive holds it; null: somebody does. Held by one caller at a time,
 * across processes; a crashed holder's lock is taken over at once on its own host.
 */
export async function tryLock(path: string): Promise<Held | null> {
  await mkdir(dirname(path), { recursive: true });
  const mine = `${JSON.stringify(await self())}\n`;
  if (!(await create(path, mine)) && !(await takeOver(path, mine))) return null;
  const heartbeat = setInterval(() => {
    // A missed beat only ages the lock; the holder need not end for it.
    utimes(path, new Date(), new Date(), noop);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      // Taken over in the meantime, it is another's to release.
      if ((await readIfThere(path)) === mine) await rm(path, { force: true });
    },
  };
}

/** Waits for the lock, runs `work` and lets go of it whatever happens. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  let held = await tryLock(path);
  while (held === null) {
    await wait(RETRY_MS);
    held = await tryLock(path);
  }
  try {
    return await work();
  } finally {
    await held.release();
  }
}

function noop(): void {}

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Tells a process from a later one under the same pid; empty where there is no /proc. */
  readonly started: string;
  readonly nonce: string;
}

async function self(): Promise<Owner> {
  const started = (await startOf(process.pid)) ?? "";
  return { host: hostname(), pid: process.pid, started, nonce: randomUUID() };
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    await drafted(path, content, (draft) => link(draft, path));
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * Replaces the lock of a holder that is gone, under a lock of its own: of two who saw the same one the
 * later would take it from the earlier. It is never missing in between, so nobody else can create it.
 */
async function takeOver(path: string, content: string): Promise<boolean> {
  const seen = await readIfThere(path);
  if (seen === null) return create(path, content);
  if (await isAlive(path, parseOwner(seen))) return false;
  const turn = await tryLock(`${path}.takeover`);
  if (turn === null) return false;
  try {
    if ((await readIfThere(path)) !== seen) return false;
    await drafted(path, content, (draft) => rename(draft, path));
    return true;
  } finally {
    await turn.release();
  }
}

/** Written aside and put in place whole, so that nobody ever reads a lock without its owner. */
async function drafted(
  path: string,
  content: string,
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { flag: "wx", mode: 0o600 });
    await place(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

async function isAlive(path: string, owner: Owner | null): Promise<boolean> {
  if (owner !== null && owner.host === hostname()) {
    const started = await startOf(owner.pid);
    return started !== null && started === owner.started;
  }
  try {
    return Date.now() - (await stat(path)).mtimeMs < STALE_MS;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** When a process started, in clock ticks since boot; null: no such process. */
async function startOf(pid: number): Promise<string | null> {
  const line = await readIfThere(`/proc/${pid}/stat`);
  if (line !== null) {
    return line.slice(line.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  }
  if ((await readIfThere("/proc/self/stat")) !== null) return null;
  return isRunning(pid) ? "" : null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isErrno(error, "EPERM");
  }
}

function parseOwner(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Partial<Owner>;
    const whole = typeof owner.host === "string" && typeof owner.pid === "number";
    return whole ? (owner as Owner) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ESRCH")) return null;
    throw error;
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
