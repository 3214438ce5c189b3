import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, relative, resolve, sep } from "node:path";

/** The file that starting `program` in `cwd` would start; null: there is none. */
export function programFile(program: string, searchPath: string, cwd: string): string | null {
  if (program === "") return null;
  if (program.includes("/")) return isProgram(resolve(cwd, program));
  for (const folder of searchPath.split(delimiter)) {
    const found = isProgram(resolve(cwd, folder, program));
    if (found !== null) return found;
  }
  return null;
}

function isProgram(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export interface Wanted {
  readonly command: readonly string[];
  /** The command's program; null where the tree holds it: a link in there must not choose. */
  readonly file: string | null;
  readonly searchPath: string;
  /** Folders that are hidden; nothing outside them needs to be exposed. */
  readonly hidden: readonly string[];
  /** Homes, which are never exposed as a whole, nor anything they lie in. */
  readonly homes: readonly string[];
}

/** What of the hidden folders a command needs, and may read: programs, and paths it is given. */
export function exposedPaths(wanted: Wanted): readonly string[] {
  const { command, file, searchPath, hidden, homes } = wanted;
  const node = dirname(dirname(process.execPath));
  const candidates = [
    ...programFolders(command, file, homes),
    ...(isHome(node, homes) ? [process.execPath] : [node]),
    ...searchPath.split(delimiter),
    // What follows `-c` is a script, perhaps an agent's own words.
    ...command.slice(1).filter((_, index) => command[index] !== "-c"),
    // Names are looked up by what this links to.
    realPath("/etc/resolv.conf") ?? "",
  ];
  const below = candidates.filter(
    (path) =>
      isAbsolute(path) &&
      hidden.some((folder) => isBelow(path, folder)) &&
      !isHome(path, homes) &&
      realPath(path) !== null,
  );
  return [...new Set(below.map((path) => resolve(path)))].sort();
}

/** Where the program is called and where it really is. */
function programFolders(
  command: readonly string[],
  file: string | null,
  homes: readonly string[],
): readonly string[] {
  if (file === null) return [];
  const called = isAbsolute(command[0] ?? "") ? folderOf(file, homes) : [];
  return [...called, ...folderOf(realPath(file) ?? file, homes)];
}

/** The program's folder, or all packages around it; where that is somebody's home, the file alone. */
function folderOf(file: string, homes: readonly string[]): readonly string[] {
  const packages = file.indexOf("/node_modules/");
  const folder = packages < 0 ? dirname(file) : file.slice(0, packages + "/node_modules".length);
  return isHome(folder, homes) ? [file] : [folder];
}

/** Is it a home, or does a home lie in it? Whatever stands right in /home is one. */
function isHome(path: string, homes: readonly string[]): boolean {
  const real = realPath(path) ?? path;
  return dirname(real) === "/home" || homes.some((home) => real === home || isBelow(home, real));
}

export function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Null: nothing stands there, or it can't be looked at. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** The paths that exist, without symlinks, each once, and without those that lie in another. */
export function realFolders(paths: readonly string[]): readonly string[] {
  const real = [...new Set(paths.flatMap((path) => realPath(path) ?? []))];
  return real.filter((path) => path !== sep && !real.some((other) => isBelow(path, other))).sort();
}

const MISSING = ["ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG"];

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && MISSING.includes(String(error.code));
}
