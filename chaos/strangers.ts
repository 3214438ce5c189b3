import { readdir, readFile } from "node:fs/promises";

/**
 * Processes that belong to the folder by command line or environment, and aren't among the known: left
 * by a run, a gate or a dead worker. A line each.
 */
export async function strangers(
  folder: string,
  known: readonly number[],
): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const others = pids.filter((pid) => pid !== process.pid && !known.includes(pid));
  const lines = await Promise.all(
    others.map(async (pid) => {
      const [line, env] = await Promise.all([textOf(pid, "cmdline"), textOf(pid, "environ")]);
      return `${line}${env}`.includes(folder) ? [`${pid}: ${line.replaceAll("\0", " ")}`] : [];
    }),
  );
  return lines.flat();
}

/** Empty: it has ended, or is somebody else's. */
async function textOf(pid: number, file: "cmdline" | "environ"): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return "";
    throw error;
  }
}
