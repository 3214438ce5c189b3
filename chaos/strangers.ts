import { readdir, readFile } from "node:fs/promises";

interface Found {
  readonly pid: number;
  readonly command: string;
  readonly environment: string;
}

/**
 * Processes that belong to the folder by command line or environment, and aren't among the known: left
 * by a run, a gate or a dead worker. A line each.
 */
export async function strangers(
  folder: string,
  known: readonly number[],
): Promise<readonly string[]> {
  const found = await belongingTo(folder);
  return found
    .filter(({ pid }) => !known.includes(pid))
    .map(({ pid, command }) => `${pid}: ${command.replaceAll("\0", " ")}`);
}

/** Ends whatever a run of the folder left: the auditor has told of it, and nobody else would. */
export async function endRuns(folder: string): Promise<void> {
  for (const { pid, environment } of await belongingTo(folder)) {
    if (!environment.split("\0").some((one) => one.startsWith("STAGECOACH_RUN="))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function belongingTo(folder: string): Promise<readonly Found[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = await Promise.all(
    pids.map(async (pid) => {
      const [command, environment] = await Promise.all([
        textOf(pid, "cmdline"),
        textOf(pid, "environ"),
      ]);
      return { pid, command, environment };
    }),
  );
  return all.filter(
    ({ pid, command, environment }) =>
      pid !== process.pid && `${command}${environment}`.includes(folder),
  );
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
