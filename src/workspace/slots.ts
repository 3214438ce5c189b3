import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Held, tryLock } from "./lock.js";
import { exists } from "./mirror.js";
import { removeWhole } from "./tree.js";

/** One checkout of an item on this host, held by one run at a time. */
export interface Slot {
  readonly tree: string;
  readonly git: string;
  readonly privatePath: string;
  release(): Promise<void>;
}

/**
 * Takes the item's checkout folder. While a run that lost the item still holds it (a thawed worker,
 * its agent), the next one gets a folder of its own: two agents never share a tree.
 */
export async function takeSlot(itemsFolder: string, item: string): Promise<Slot> {
  for (let number = 1; ; number += 1) {
    const folder = join(itemsFolder, number === 1 ? item : `${item}.${number}`);
    const held = await tryLock(`${folder}.lock`);
    if (held !== null) return await openSlot(folder, held);
  }
}

async function openSlot(folder: string, held: Held): Promise<Slot> {
  const slot = {
    tree: join(folder, "tree"),
    git: join(folder, "git"),
    privatePath: join(folder, "private"),
    release: () => held.release(),
  };
  await mkdir(slot.tree, { recursive: true, mode: 0o700 });
  return slot;
}

/** Removes an item's checkouts; one that a run still holds stays. */
export async function removeSlots(itemsFolder: string, item: string): Promise<void> {
  if (!(await exists(itemsFolder))) return;
  const mine = (name: string) => name === item || /^\.\d+$/.test(name.slice(item.length));
  const names = (await readdir(itemsFolder)).filter((name) => name.startsWith(item) && mine(name));
  for (const name of names) {
    const held = await tryLock(join(itemsFolder, `${name}.lock`));
    if (held === null) continue;
    await removeWhole(join(itemsFolder, name));
    await held.release();
  }
}
