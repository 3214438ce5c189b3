import { randomUUID } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { isErrno, tryLock } from "./lock.js";
import { exists, USED } from "./mirror.js";
import { slotFolders } from "./slots.js";
import {
  foldersIn,
  LEFT_OVER_MS,
  modifiedAt,
  removeIfFree,
  sweepFolders,
  sweepGitTemporaries,
  sweepLeftovers,
} from "./sweep.js";
import { removeWhole } from "./tree.js";

/** The folders of a host's work. */
export interface Grounds {
  readonly items: string;
  readonly mirrors: string;
  /** Gates' checkouts. */
  readonly fresh: string;
}

/** Removes what crashed processes left: gates' checkouts, runs' private folders, half-made things. */
export async function sweepCrashed({ items, mirrors, fresh }: Grounds, now: number): Promise<void> {
  await sweepFolders(fresh);
  for (const { folder } of await slotFolders(items)) {
    const privatePath = join(folder, "private");
    // Runs take theirs with them, and a look costs nothing: the lock is only tried where one lies.
    if (await exists(privatePath)) await removeIfFree(folder, privatePath);
  }
  for (const parent of [items, fresh, mirrors]) await sweepLeftovers(parent, now);
  for (const name of await mirrorsIn(mirrors)) {
    await sweepGitTemporaries(join(mirrors, name, "objects/pack"), now);
  }
}

/** Removes all that nobody is at work in. */
export async function clearOut(grounds: Grounds, now: number): Promise<void> {
  for (const { folder } of await slotFolders(grounds.items)) await removeIfFree(folder);
  await sweepCrashed(grounds, now);
  await removeMirrors(grounds, () => true, now);
}

/** Removes mirrors nobody has used for a while and nothing borrows from. */
export async function removeMirrors(
  grounds: Grounds,
  unwanted: (name: string) => boolean,
  now: number,
): Promise<void> {
  const lenders = await lendersTo(grounds);
  for (const name of await mirrorsIn(grounds.mirrors)) {
    const gitDir = join(grounds.mirrors, name);
    const lends = lenders.has(join(gitDir, "objects"));
    if (unwanted(name) && !lends) await removeUnused(gitDir, now);
  }
}

/** Project's name → its mirror's folder. */
export function mirrorFolder(project: string): string {
  return `${project}.git`;
}

async function mirrorsIn(mirrors: string): Promise<readonly string[]> {
  return (await foldersIn(mirrors)).filter((name) => name.endsWith(".git"));
}

async function lendersTo({ items, fresh }: Grounds): Promise<ReadonlySet<string>> {
  const slots = await slotFolders(items);
  const gates = await foldersIn(fresh);
  const alternates = [
    ...slots.map(({ folder }) => join(folder, "git/objects/info/alternates")),
    ...gates.map((name) => join(fresh, name, "tree/.git/objects/info/alternates")),
  ];
  const named = await Promise.all(alternates.map(linesOf));
  return new Set(named.flat());
}

async function linesOf(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, "utf8")).split("\n");
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return [];
    throw error;
  }
}

/** Moved aside in one step, so that nobody finds half of it; killed here, a sweep does the rest. */
async function removeUnused(gitDir: string, now: number): Promise<void> {
  const held = await tryLock(`${gitDir}.lock`);
  if (held === null) return;
  try {
    const used = await modifiedAt(join(gitDir, USED));
    if (used !== null && now - used < LEFT_OVER_MS) return;
    const aside = `${gitDir}.${randomUUID()}`;
    await rename(gitDir, aside);
    await removeWhole(aside);
  } finally {
    await held.release();
  }
}
