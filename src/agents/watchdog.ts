import { type ChildProcess, spawn } from "node:child_process";
import { MARK } from "./survivors.js";

/**
 * `$1` the group, `$2` the mark, `$3` seconds between TERM and KILL. The scan repeats after KILL,
 * since whoever is killed may have started another meanwhile.
 */
const SCRIPT = `
read -r _
marked() { grep -lF -- "${MARK}=$2" /proc/[0-9]*/environ 2>/dev/null | tr -dc '0-9\\n'; }
stop() {
  kill -s "$1" -- "-$2"
  for pid in $(marked "$1" "$3"); do kill -s "$1" -- "$pid"; done
}
alive() { kill -s 0 -- "-$1" || [ -n "$(marked 0 "$2")" ]; }
stop TERM "$1" "$2"
waited=0
while alive "$1" "$2"; do
  if [ "$waited" -ge "$3" ]; then stop KILL "$1" "$2"; fi
  if [ "$waited" -ge "$(($3 + 3))" ]; then break; fi
  sleep 1
  waited=$((waited + 1))
done
`;

/**
 * Waits on a pipe that only this process holds open: when it breaks, this process is gone, and the
 * group and whoever carries the mark with it, within the bound for agents of killed workers.
 */
export function guard(group: number, mark: string, graceMs: number): ChildProcess {
  const seconds = String(Math.ceil(graceMs / 1000));
  const watchdog = spawn("/bin/sh", ["-c", SCRIPT, "watchdog", String(group), mark, seconds], {
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.on("error", () => watchdog.stdin?.destroy());
  watchdog.stdin?.on("error", () => watchdog.stdin?.destroy());
  watchdog.unref();
  return watchdog;
}
