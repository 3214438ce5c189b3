import { readFileSync } from "node:fs";

/** Of /proc's clock, everywhere Node runs. */
const TICK_MS = 10;

/** What a process has used of the processors so far, in ms: unlike a rate, hardly moved by what else runs. Zero where there is no /proc. */
export function cpuMs(pid: number): number {
  if (process.platform !== "linux") return 0;
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // After the program's name, which may have spaces: the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
