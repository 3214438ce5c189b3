import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { linesOf } from "./spool-file.js";

/**
 * Deliveries in a spool's files, whoever's they are. Those that a receiver has taken in count as
 * well until it empties its file.
 */
export async function countSpooled(folder: string): Promise<number> {
  let count = 0;
  for (const name of await namesIn(folder)) {
    const file = await open(join(folder, name), "r");
    try {
      for await (const _ of linesOf(file, 0, (await file.stat()).size)) count += 1;
    } finally {
      await file.close();
    }
  }
  return count;
}

/** None: no receiver has ever spooled here. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".jsonl"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
