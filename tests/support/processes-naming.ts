import { readdir, readFile } from "node:fs/promises";

/** Processes of the machine that are alive and whose command line holds a text. */
export async function processesNaming(text: string): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => ((await commandLine(pid)).includes(text) ? [Number(pid)] : [])),
  );
  return found.flat();
}

/** Empty for a zombie. */
async function commandLine(pid: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}
