import { mkdir, statfs } from "node:fs/promises";
import { WorkspaceError } from "../engine/workspace.js";

export interface Room {
  /** Below this no new run begins, in bytes; 0: whatever there is will do. */
  readonly freeBytes: number;
  /** Free bytes where a folder is, as far as this user may use them. */
  readonly measure?: (folder: string) => Promise<number>;
}

/**
 * Makes sure that there is room to work in: `makeRoom` removes what isn't needed right now, and is
 * only called when it is short.
 * @throws WorkspaceError `disk-full` if it is short even then
 */
export async function needRoom(
  folder: string,
  { freeBytes, measure = freeIn }: Room,
  makeRoom: () => Promise<void>,
): Promise<void> {
  if (freeBytes === 0) return;
  await mkdir(folder, { recursive: true });
  if ((await measure(folder)) >= freeBytes) return;
  await makeRoom();
  if ((await measure(folder)) >= freeBytes) return;
  throw new WorkspaceError(
    "disk-full",
    `less than ${mebibytes(freeBytes)} is free on the worker's disk (limits.freeDiskBytes), and nothing is left there to remove`,
  );
}

async function freeIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
