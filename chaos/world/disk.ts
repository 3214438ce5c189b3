import { execFile } from "node:child_process";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isErrno } from "../../src/workspace/lock.js";

const run = promisify(execFile);
const MIB = 1024 * 1024;
const SIZE_MIB = 256;
const CHUNK = Buffer.alloc(MIB);
/** What `statfs` calls a file system in memory on Linux. */
const TMPFS = 0x01021994;

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
    await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE_MIB}m`, "stagecoach-chaos", path]);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[1] ?? error.message) : String(error);
  }
}

/** Never more than the small file system holds: were it gone, the machine's own disk would be filled. */
async function writeUntilFull(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    if ((await statfs(path)).type !== TMPFS)
      throw new Error(`${path} isn't on a small file system`);
    let left = SIZE_MIB * MIB;
    for (let size = CHUNK.length; size >= 4_096; size /= 2) {
      left -= await writeChunks(file, size, left);
    }
  } finally {
    await file.close();
  }
}

/** Bytes written before the disk was full. */
async function writeChunks(
  file: Awaited<ReturnType<typeof open>>,
  size: number,
  most: number,
): Promise<number> {
  let written = 0;
  try {
    while (written + size <= most) written += (await file.write(CHUNK, 0, size)).bytesWritten;
  } catch (error) {
    if (!isErrno(error, "ENOSPC")) throw error;
  }
  return written;
}
