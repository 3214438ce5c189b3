import { constants } from "node:fs";
import { access, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { countSpooled } from "../../spool/count-waiting.js";
import { mebibytes } from "../../workspace/disk.js";
import { type Check, type Finding, fail, ok, warn, wordsOf } from "./check.js";
import type { Patient } from "./patient.js";

const GIBIBYTE = 1024 * 1024 * 1024;

/** DATA_DIR, which holds checkouts, the spool and the data of a Redis of our own. */
export function dataFolderChecks({ environment, config }: Patient): readonly Check[] {
  if (environment === null) return [];
  const { dataDir } = environment;
  const least = config?.settings.freeDiskBytes ?? GIBIBYTE;
  return [
    { name: "data folder", look: async () => [await writable(dataDir)] },
    { name: "disk", look: async () => [await room(dataDir, least)] },
    { name: "spool", look: async () => [await spool(dataDir)] },
  ];
}

/** Leaves nothing behind, not even the folder. */
async function writable(folder: string): Promise<Finding> {
  try {
    const place = await existing(folder);
    await access(place, constants.W_OK | constants.X_OK);
    if (place !== folder) return ok(`${folder} can be made`);
    const proof = join(folder, `doctor-${process.pid}`);
    await writeFile(proof, "");
    await rm(proof);
    return ok(`${folder} is writable`);
  } catch (error) {
    const mend = "give the user that runs Stagecoach this folder, or set DATA_DIR to another";
    return fail(`${folder} can't be written (${wordsOf(error)})`, mend);
  }
}

async function room(folder: string, least: number): Promise<Finding> {
  const { bavail, bsize } = await statfs(await existing(folder));
  const free = bavail * bsize;
  const says = `${mebibytes(free)} are free at ${folder}`;
  if (free < least) {
    return fail(
      `${says}, less than limits.freeDiskBytes (${mebibytes(least)}): no run starts`,
      "free some, or set DATA_DIR to a larger disk",
    );
  }
  if (free < 2 * least) return warn(`${says}, little more than runs need`, "free some soon");
  return ok(says);
}

/** The folder, or where it isn't made yet the one it would be made in. */
async function existing(folder: string): Promise<string> {
  for (let path = folder; ; path = join(path, "..")) {
    try {
      await access(path);
      return path;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if ((code !== "ENOENT" && code !== "ENOTDIR") || path === "/") throw error;
    }
  }
}

async function spool(dataDir: string): Promise<Finding> {
  const waiting = await countSpooled(join(dataDir, "spool"));
  if (waiting === 0) return ok("no webhook waits in it");
  return warn(
    `${waiting} webhook${waiting === 1 ? " waits" : "s wait"} in ${join(dataDir, "spool")}`,
    "see that Redis is reachable and a receiver of this DATA_DIR runs: it takes them in",
  );
}
