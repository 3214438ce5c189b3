import { readdir, readFile } from "node:fs/promises";

/** A variable in the environment of all that a command starts, until it takes it out itself. */
export const MARK = "STAGECOACH_MARK";

/**
 * The processes that carry a mark, wherever they went: one that left its group by `setsid` kept its
 * environment. Where there is no `/proc` nobody is found.
 */
export async function markedProcesses(mark: string): Promise<readonly number[]> {
  const entry = `${MARK}=${mark}`;
  const found = await Promise.all(
    (await processes()).map(async (pid) => ((await carries(pid, entry)) ? [pid] : [])),
  );
  return found.flat();
}

async function processes(): Promise<readonly number[]> {
  try {
    const names = await readdir("/proc");
    return names.filter((name) => /^\d+$/.test(name)).map(Number);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Gone meanwhile, or somebody else's: what can't be looked at isn't ours to stop. */
const NOT_OURS = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

async function carries(pid: number, entry: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, "latin1")).split("\0").includes(entry);
  } catch (error) {
    if (NOT_OURS.includes(codeOf(error))) return false;
    throw error;
  }
}

export function signalProcesses(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!NOT_OURS.includes(codeOf(error))) throw error;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
