import { readdirSync, readFileSync } from "node:fs";
import { MARK } from "../src/agents/survivors.js";

interface Found {
  readonly pid: number;
  readonly command: string;
  readonly environment: string;
}

/**
 * Processes that belong to the folder by command line or environment, and aren't among the known: left
 * by a run, a gate or a dead worker. A line each.
 */
export function strangers(folder: string, known: readonly number[]): readonly string[] {
  return belongingTo(folder)
    .filter(({ pid }) => !known.includes(pid))
    .map(({ pid, command }) => `${pid}: ${command.replaceAll("\0", " ")}`);
}

/** Ends whatever a run or a gate of the folder left: nobody else would. May be called at exit. */
export function endRuns(folder: string): void {
  for (const { pid, environment } of belongingTo(folder)) {
    if (!environment.split("\0").some((one) => one.startsWith(`${MARK}=`))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

function belongingTo(folder: string): readonly Found[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, command: textOf(pid, "cmdline"), environment: textOf(pid, "environ") }))
    .filter(({ command, environment }) => `${command}${environment}`.includes(folder));
}

/** Empty: it has ended, or is somebody else's. */
function textOf(pid: number, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES") return "";
    throw error;
  }
}
