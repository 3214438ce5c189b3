import { readdir, readFile } from "node:fs/promises";

/** A variable in the environment of all that a command starts, until it takes it out itself. */
export const MARK = "STAGECOACH_MARK";

/** What tells the processes of one command. */
export interface Started {
  readonly group: number;
  readonly mark: string;
}

/**
 * The processes of a command that are alive: those of its group and those that carry its mark, since
 * one that left the group by `setsid` kept its environment. A zombie is as good as gone.
 */
export async function survivors(started: Started): Promise<readonly number[]> {
  const pids = await allProcesses();
  if (pids === null) return isThere(-started.group) ? [started.group] : [];
  const found = await Promise.all(
    pids.map(async (pid) => ((await isOf(started, pid)) ? [pid] : [])),
  );
  return found.flat();
}

/** Signals a group, and processes wherever they are. */
export function signalProcesses(
  group: number,
  pids: readonly number[],
  signal: NodeJS.Signals,
): void {
  for (const target of [-group, ...pids]) send(target, signal);
}

/** Null: there is no `/proc` to look at. */
async function allProcesses(): Promise<readonly number[] | null> {
  try {
    const names = await readdir("/proc");
    return names.filter((name) => /^\d+$/.test(name)).map(Number);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function isOf({ group, mark }: Started, pid: number): Promise<boolean> {
  const stat = await readOf(pid, "stat");
  // After the program's name, which may hold anything: state, parent, group.
  const [state = "Z", , groupOf] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === "" || state === "Z" || state === "X") return false;
  if (Number(groupOf) === group) return true;
  return (await readOf(pid, "environ")).split("\0").includes(`${MARK}=${mark}`);
}

/** Gone meanwhile, or somebody else's: what can't be looked at isn't ours to stop. */
const NOT_OURS = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

async function readOf(pid: number, name: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${name}`, "latin1");
  } catch (error) {
    if (NOT_OURS.includes(codeOf(error))) return "";
    throw error;
  }
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    if (!NOT_OURS.includes(codeOf(error))) throw error;
  }
}

function isThere(target: number): boolean {
  try {
    return process.kill(target, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
    // Somebody is there who changed user: we can't reach it, but it isn't gone.
    if (codeOf(error) === "EPERM") return true;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
