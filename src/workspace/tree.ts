import { constants, type Dirent, type Stats } from "node:fs";
import { chmod, lstat, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "./lock.js";
import { safePath } from "./safe-names.js";

/**
 * What stands at a path of a tree: null if nothing does, or if a part on the way is not a real
 * folder. Whatever a symlink points at is never looked at.
 */
export async function standing(tree: string, path: string): Promise<Stats | null> {
  const parts = safePath(path).split("/");
  let stats: Stats | null = null;
  for (let end = 1; end <= parts.length; end += 1) {
    if (stats !== null && !stats.isDirectory()) return null;
    stats = await lstatIfThere(join(tree, ...parts.slice(0, end)));
    if (stats === null) return null;
  }
  return stats;
}

/** The regular files below a folder of a tree, as paths relative to the tree. */
export async function filesBelow(tree: string, folder: string): Promise<readonly string[]> {
  if (!(await standing(tree, folder))?.isDirectory()) return [];
  const entries = await readdir(join(tree, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return await filesBelow(tree, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}

/** At most this much of a taken-out file is kept: it goes into a prompt. */
const LONGEST_TEXT = 1024 * 1024;

/** Removes a file from a tree and returns its text; null: no file was there. */
export async function takeOut(tree: string, path: string): Promise<string | null> {
  const stats = await standing(tree, path);
  if (stats === null) return null;
  const full = join(tree, path);
  const text = stats.isFile() ? await readBeginning(full) : null;
  await removeWhole(full);
  return text;
}

/** Fails where a link or a pipe took the file's place since it was looked at. */
async function readBeginning(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_TEXT), 0, LONGEST_TEXT, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Makes a tree one that git can clean and add whole: folders become accessible, and repositories
 * inside lose their `.git`, since git would look into them with their config, and commit them as a
 * link instead of their files. Symlinks are left alone. Returns where repositories stood.
 */
export async function straighten(tree: string): Promise<readonly string[]> {
  const nested: string[] = [];
  const walk = async (folder: Buffer, parts: readonly Buffer[]): Promise<void> => {
    for (const entry of await readAccessible(folder)) {
      const name = entry.name.toString("latin1").toLowerCase();
      // The one at the root belongs to the agent and is rewritten before each run.
      if (parts.length === 0 && entry.name.equals(DOT_GIT)) continue;
      if (name === ".git") {
        await removeWhole(within(folder, entry.name));
        nested.push(parts.map(String).join("/"));
      } else if (entry.isDirectory()) {
        await walk(within(folder, entry.name), [...parts, entry.name]);
      }
    }
  };
  await walk(Buffer.from(tree), []);
  return nested;
}

/** Is it a folder itself, and not a link to one? */
export async function isFolder(path: string): Promise<boolean> {
  return (await lstatIfThere(path))?.isDirectory() ?? false;
}

/** Removes a path and all below it, whatever its permissions. Follows no symlink. */
export async function removeWhole(path: string | Buffer): Promise<void> {
  const bytes = Buffer.from(path);
  const stats = await lstatIfThere(bytes);
  if (stats?.isDirectory()) await openUp(bytes);
  await rm(bytes, { recursive: true, force: true });
}

async function openUp(folder: Buffer): Promise<void> {
  for (const entry of await readAccessible(folder)) {
    if (entry.isDirectory()) await openUp(within(folder, entry.name));
  }
}

const DOT_GIT = Buffer.from(".git");
const SLASH = Buffer.from("/");

/** Agents choose names, and one that isn't UTF-8 can't be said as a string. */
function within(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SLASH, name]);
}

async function readAccessible(folder: Buffer): Promise<Dirent<Buffer>[]> {
  const stats = await lstat(folder);
  if ((stats.mode & 0o700) !== 0o700) await chmod(folder, stats.mode | 0o700);
  return await readdir(folder, { withFileTypes: true, encoding: "buffer" });
}

async function lstatIfThere(path: string | Buffer): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return null;
    throw error;
  }
}
