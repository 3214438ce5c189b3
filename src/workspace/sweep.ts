import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isErrno, tryLock } from "./lock.js";
import { exists } from "./mirror.js";
import { removeWhole } from "./tree.js";

/** What is only half made, and whose maker nobody can ask, is left over when it is this old, in ms. */
export const LEFT_OVER_MS = 3_600_000;
const UUID = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function foldersIn(parent: string): Promise<readonly string[]> {
  if (!(await exists(parent))) return [];
  const entries = await readdir(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Removes a folder, or a path in it, unless somebody alive holds its lock. */
export async function removeIfFree(folder: string, path = folder): Promise<void> {
  const held = await tryLock(`${folder}.lock`);
  if (held === null) return;
  try {
    await removeWhole(path);
  } finally {
    await held.release();
  }
}

/** Removes the folders that a killed process left behind: those whose lock nobody alive holds. */
export async function sweepFolders(parent: string): Promise<void> {
  for (const name of await foldersIn(parent)) await removeIfFree(join(parent, name));
}

/** Removes half-made locks and folders (`<name>.<uuid>`), and locks of the dead without a folder. */
export async function sweepLeftovers(parent: string, now: number): Promise<void> {
  if (!(await exists(parent))) return;
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (UUID.test(name)) await removeIfOld(path, now);
    else if (name.endsWith(".lock") && !(await exists(path.slice(0, -".lock".length)))) {
      await (await tryLock(path))?.release();
    }
  }
}

/** Removes files of git's that a killed one was still writing. */
export async function sweepGitTemporaries(folder: string, now: number): Promise<void> {
  if (!(await exists(folder))) return;
  for (const name of await readdir(folder)) {
    if (name.startsWith("tmp_")) await removeIfOld(join(folder, name), now);
  }
}

async function removeIfOld(path: string, now: number): Promise<void> {
  const changed = await modifiedAt(path);
  if (changed !== null && now - changed > LEFT_OVER_MS) await removeWhole(path);
}

/** In ms; null: it is gone. */
export async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).mtimeMs;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  }
}
