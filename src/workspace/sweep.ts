import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "./lock.js";
import { exists } from "./mirror.js";
import { removeWhole } from "./tree.js";

/** Removes the folders that a killed process left behind: those whose lock nobody alive holds. */
export async function sweepFolders(parent: string): Promise<void> {
  if (!(await exists(parent))) return;
  const names = (await readdir(parent, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of names) {
    const held = await tryLock(join(parent, `${name}.lock`));
    if (held === null) continue;
    await removeWhole(join(parent, name));
    await held.release();
  }
}
