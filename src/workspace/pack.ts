import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Git, outputOf } from "./git.js";
import { tryLock } from "./lock.js";
import { modifiedAt } from "./sweep.js";

const EVERY_MS = 24 * 3_600_000;
/** Its time of change is when the mirror was last packed. */
const PACKED = "stagecoach-packed";
/** Every fetch leaves a pack; more of them slow each look-up down. */
const MOST_PACKS = 50;
const TIMEOUT_MS = 3_600_000;

/** Packs a mirror for the first time a day after it was made. */
export async function packIfDue(git: Git, gitDir: string, now: number): Promise<void> {
  const last = await modifiedAt(join(gitDir, PACKED));
  if (last !== null && now - last < EVERY_MS) return;
  if (last === null) await notePacked(gitDir);
  else await packMirror(git, gitDir);
}

/**
 * Packs what has gathered in loose files, and many packs into one, without dropping anything that a
 * checkout may borrow: fetches and runs go on meanwhile. Does nothing while another process packs.
 */
export async function packMirror(git: Git, gitDir: string): Promise<void> {
  const held = await tryLock(`${gitDir}.pack.lock`);
  if (held === null) return;
  try {
    const call = { gitDir, timeoutMs: TIMEOUT_MS };
    const loose = ["maintenance", "run", "--quiet", "--task=loose-objects"];
    outputOf("maintenance", await git(loose, call));
    if ((await countPacks(gitDir)) > MOST_PACKS) {
      const together = ["repack", "-a", "-d", "--keep-unreachable", "--quiet"];
      outputOf("repack", await git(together, call));
    }
    await notePacked(gitDir);
  } finally {
    await held.release();
  }
}

async function countPacks(gitDir: string): Promise<number> {
  const files = await readdir(join(gitDir, "objects/pack"));
  return files.filter((name) => name.endsWith(".pack")).length;
}

function notePacked(gitDir: string): Promise<void> {
  return writeFile(join(gitDir, PACKED), "");
}
