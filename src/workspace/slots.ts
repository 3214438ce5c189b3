import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ITEM_ID } from "../domain/ids.js";
import { type Held, tryLock } from "./lock.js";
import { foldersIn, modifiedAt, removeIfFree } from "./sweep.js";
import { isFolder, removeWhole } from "./tree.js";

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
  // An agent without a sandbox may have put something else in its place, even a link to elsewhere.
  if (!(await isFolder(slot.tree))) await removeWhole(slot.tree);
  await mkdir(slot.tree, { recursive: true, mode: 0o700 });
  return slot;
}

/** A checkout's folder; `usedAt` is when a run last began or ended in it, in ms. */
export interface SlotFolder {
  readonly item: string;
  readonly folder: string;
  readonly usedAt: number;
}

export async function slotFolders(itemsFolder: string): Promise<readonly SlotFolder[]> {
  const slots: SlotFolder[] = [];
  for (const name of await foldersIn(itemsFolder)) {
    const item = name.replace(/\.\d+$/, "");
    if (!ITEM_ID.test(item)) continue;
    const folder = join(itemsFolder, name);
    const usedAt = await modifiedAt(folder);
    if (usedAt !== null) slots.push({ item, folder, usedAt });
  }
  return slots;
}

/** Removes an item's checkouts; one that a run still holds stays. */
export async function removeSlots(itemsFolder: string, item: string): Promise<void> {
  for (const slot of await slotFolders(itemsFolder)) {
    if (slot.item === item) await removeIfFree(slot.folder);
  }
}
