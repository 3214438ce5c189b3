import { execFile } from "node:child_process";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isErrno } from "../../src/workspace/lock.js";

const run = promisify(execFile);
const SIZE = "256m";
const CHUNK = Buffer.alloc(1024 * 1024);

/** The disk that the workers' checkouts are on. */
export interface Disk {
  readonly path: string;
  /** Null: it can be filled. */
  readonly unfillable: string | null;
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** A small file system in memory; where mounting one isn't permitted, an ordinary folder. */
export async function openDisk(path: string): Promise<Disk> {
  await mkdir(path);
  const ballast = join(path, "ballast");
  const refused = await mounted(path);
  return {
    path,
    unfillable: refused,
    fill: () => writeUntilFull(ballast),
    free: () => rm(ballast, { force: true }),
    async remove() {
      // Lazily: who is still at work there was killed, and may not be gone yet.
      if (refused === null) await run("umount", ["--lazy", path]);
    },
  };
}

/** Null: it was done. */
async function mounted(path: string): Promise<string | null> {
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "stagecoach-chaos", path]);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[1] ?? error.message) : String(error);
  }
}

async function writeUntilFull(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    for (let size = CHUNK.length; size >= 4_096; size /= 2) await writeChunks(file, size);
  } finally {
    await file.close();
  }
}

async function writeChunks(file: Awaited<ReturnType<typeof open>>, size: number): Promise<void> {
  try {
    for (;;) await file.write(CHUNK, 0, size);
  } catch (error) {
    if (!isErrno(error, "ENOSPC")) throw error;
  }
}
