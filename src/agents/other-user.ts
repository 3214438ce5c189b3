import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { isBelow } from "./exposed-paths.js";

/** A user of this machine that commands run as. */
export interface OtherUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Makes the run's folders the user's before the command starts. */
  lend(confines: Lent, command: readonly string[]): readonly string[];
}

interface Lent {
  readonly worktree: string;
  readonly privatePath: string;
}

/** `chown -R` follows no symlink, and goes by folders it holds open rather than by their names. */
const LEND =
  'owner=$1; tree=$2; own=$3; shift 3; chown -RhP -- "$owner" "$tree" "$own" && exec "$@"';

/** The command as another user, with none of the rights that the worker has. */
export function asUser(
  user: Pick<OtherUser, "uid" | "gid">,
  command: readonly string[],
): readonly string[] {
  const identity = [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  return ["setpriv", ...identity, "--inh-caps=-all", "--no-new-privs", "--", ...command];
}

export type LookedUp = OtherUser | { readonly why: string };

/** Finds a user by name and tries whether this process may become it and it can reach `dataDir`. */
export function lookUpUser(name: string, dataDir: string, searchPath: string): LookedUp {
  if (process.getuid?.() !== 0) {
    return { why: `only a worker that runs as root can run commands as ${name}` };
  }
  const uid = idOf("-u", name, searchPath);
  const gid = idOf("-g", name, searchPath);
  if (uid === null || gid === null) return { why: `there is no user ${name} on this machine` };
  if (uid === 0) return { why: `${name} is root` };
  mkdirSync(dataDir, { recursive: true });
  letThrough(dataDir);
  const failed = attempt([...asUser({ uid, gid }, ["test", "-x", dataDir])], searchPath);
  if (failed !== null)
    return { why: `as ${name}, DATA_DIR (${dataDir}) can't be entered${failed}` };
  return {
    name,
    uid,
    gid,
    lend(confines, command) {
      for (const path of [confines.worktree, confines.privatePath]) openWay(path, dataDir);
      const lent = [`${uid}:${gid}`, confines.worktree, confines.privatePath];
      return ["/bin/sh", "-c", LEND, "sh", ...lent, ...command];
    },
  };
}

/** Lets anybody pass who knows the name, from DATA_DIR down to a folder, and read nothing. */
function openWay(path: string, dataDir: string): void {
  for (let folder = dirname(path); isBelow(folder, dataDir); folder = dirname(folder)) {
    letThrough(folder);
  }
}

function letThrough(folder: string): void {
  const mode = statSync(folder).mode & 0o7777;
  if ((mode & 0o011) !== 0o011) chmodSync(folder, mode | 0o011);
}

function idOf(option: "-u" | "-g", name: string, searchPath: string): number | null {
  const result = spawnSync("id", [option, "--", name], {
    env: { PATH: searchPath },
    encoding: "utf8",
  });
  const text = result.stdout?.trim() ?? "";
  return result.status === 0 && /^\d+$/.test(text) ? Number(text) : null;
}

/** Null: it went well. */
function attempt(command: readonly string[], searchPath: string): string | null {
  const [file = "", ...args] = command;
  const result = spawnSync(file, args, { env: { PATH: searchPath }, encoding: "utf8" });
  if (result.status === 0) return null;
  const said = result.error?.message ?? result.stderr.trim().split("\n")[0] ?? "";
  return said === "" ? "" : `: ${said}`;
}
