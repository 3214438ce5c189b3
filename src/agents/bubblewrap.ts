import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { exposedPaths, isBelow, realFolders, realPath } from "./exposed-paths.js";
import { asUser, type OtherUser } from "./other-user.js";

/** What is hidden from everybody, whatever a command is given. */
export interface Secluded {
  /** Stagecoach's own folder, with checkouts, mirrors and the data of its Redis. */
  readonly dataDir: string;
  /** Other folders that no command may see: repositories on this machine. */
  readonly folders: readonly string[];
  /** Files that hold secrets. */
  readonly secretFiles: readonly string[];
  /** The home of the user who runs the worker. */
  readonly home: string;
}

/** A bubblewrap that works here, and how. */
export interface Bubblewrap {
  readonly program: string;
  /** Namespaces and rights, as the probe found them to work. */
  readonly isolation: readonly string[];
  readonly secluded: Secluded;
  readonly searchPath: string;
}

export interface Wrapped {
  readonly command: readonly string[];
  /** The file of the command's program. */
  readonly file: string;
  readonly confines: {
    readonly worktree: string;
    readonly borrows: readonly string[];
    readonly privatePath: string;
  };
  readonly user: OtherUser | null;
}

const SCRATCH = ["/tmp", "/var/tmp"];
const HIDDEN = ["/run", "/var/run", "/home", "/root", "/mnt", "/media", "/srv"];
/** Readable for root, who needs no rights to read its own files. */
const OF_ROOT = ["/etc/shadow", "/etc/gshadow", "/etc/shadow-", "/etc/gshadow-"];
const NAMESPACES = [
  "--die-with-parent",
  "--unshare-pid",
  "--unshare-ipc",
  "--unshare-uts",
  "--unshare-cgroup-try",
];

/**
 * The command in namespaces of its own. TERM must reach it and not bubblewrap, whose death would
 * take the command along at once: so bubblewrap ignores TERM and the command doesn't.
 */
export function bubblewrapped(wrap: Bubblewrap, wrapped: Wrapped): readonly string[] {
  const { confines, command, user } = wrapped;
  const options = [...wrap.isolation, ...mounts(wrap, wrapped)];
  const tree = realPath(confines.worktree) ?? "/";
  if (user === null) {
    return launched(wrap.program, [...options, "--chdir", tree], heedingTerm(command));
  }
  const rights = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"];
  // Bubblewrap itself may not enter the tree, which is the user's alone.
  const inside = asUser(user, heedingTerm([`PWD=${tree}`, ...command], `--chdir=${tree}`));
  return launched(wrap.program, [...options, ...rights, "--chdir", "/"], inside);
}

function launched(
  program: string,
  options: readonly string[],
  inside: readonly string[],
): readonly string[] {
  const ignoringTerm = ["/bin/sh", "-c", 'trap "" TERM; exec "$@"', "sh"];
  return [...ignoringTerm, program, ...options, "--", ...inside];
}

function heedingTerm(command: readonly string[], ...options: readonly string[]) {
  return ["env", "--default-signal=TERM", ...options, "--", ...command];
}

/** The order matters: what comes later covers what came before. */
function mounts({ secluded, searchPath }: Bubblewrap, wrapped: Wrapped): readonly string[] {
  const { confines, command } = wrapped;
  const file = isBelow(wrapped.file, confines.worktree) ? null : wrapped.file;
  const scratch = realFolders(SCRATCH);
  const hidden = realFolders([...HIDDEN, secluded.home]);
  const homes = realFolders(["/root", secluded.home]);
  const all = [...scratch, ...hidden];
  const exposed = exposedPaths({ command, file, searchPath, hidden: all, homes });
  const last = realFolders([secluded.dataDir, ...secluded.folders]);
  const writable = [confines.worktree, confines.privatePath];
  return [
    ...system(),
    ...all.flatMap((folder) => ["--tmpfs", folder]),
    ...exposed.flatMap((path) => at("--ro-bind", path, all)),
    ...maskedFiles(secluded.secretFiles, all, exposed),
    ...last.flatMap((folder) => ["--tmpfs", folder]),
    ...confines.borrows.flatMap((path) => at("--ro-bind", path, all)),
    ...writable.flatMap((path) => at("--bind", path, all)),
    // Nothing may seem to be written where nothing is.
    ...[...hidden, ...last].flatMap((folder) => ["--remount-ro", folder]),
  ];
}

/** `/proc` must be read-only: for root, kernel settings in it would be writable, and run programs. */
function system(): readonly string[] {
  const masked = realFiles(OF_ROOT).flatMap(mask);
  return [
    "--ro-bind",
    "/",
    "/",
    ...masked,
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--remount-ro",
    "/proc",
  ];
}

/** One that is hidden with its folder needs no mask. */
function maskedFiles(
  files: readonly string[],
  hidden: readonly string[],
  exposed: readonly string[],
): readonly string[] {
  const seen = exposed.flatMap((path) => realPath(path) ?? []);
  const visible = (file: string) =>
    !hidden.some((folder) => isBelow(file, folder)) ||
    seen.some((path) => path === file || isBelow(file, path));
  return realFiles(files).filter(visible).flatMap(mask);
}

function realFiles(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((file) => realPath(file) ?? []))];
}

function mask(file: string): readonly string[] {
  return ["--ro-bind", "/dev/null", file];
}

/** A path at its place, and also where it is called by a name whose symlinks are hidden. */
function at(
  bind: "--bind" | "--ro-bind",
  path: string,
  hidden: readonly string[],
): readonly string[] {
  const real = realPath(path);
  if (real === null) return [];
  const calledElsewhere = real !== path && hidden.some((folder) => isBelow(path, folder));
  const places = calledElsewhere ? [real, path] : [real];
  // Folders that bubblewrap makes on the way to a mount would be its own user's alone.
  return places.flatMap((place) => ["--dir", dirname(place), bind, real, place]);
}

export type Probed =
  | { readonly kind: "works"; readonly isolation: readonly string[] }
  | { readonly kind: "broken"; readonly why: string };

const PROBE_TIMEOUT_MS = 10_000;

/**
 * Really starts something in a sandbox: in a container bubblewrap may be there and forbidden.
 * As root it needs no user namespace, but may be allowed one where it is allowed nothing else.
 */
export function probeBubblewrap(program: string, searchPath: string): Probed {
  const asRoot = process.getuid?.() === 0;
  const ways = asRoot
    ? [
        [...NAMESPACES, "--cap-drop", "ALL"],
        [...NAMESPACES, "--unshare-user", "--cap-drop", "ALL"],
      ]
    : [NAMESPACES];
  let why = "";
  for (const isolation of ways) {
    const refused = whyRefused({ program, isolation, searchPath });
    if (refused === null) return { kind: "works", isolation };
    why ||= refused;
  }
  return { kind: "broken", why };
}

/** Starts something in a sandbox of this kind; null: that works. */
export function whyRefused({
  program,
  isolation,
  searchPath,
}: Omit<Bubblewrap, "secluded">): string | null {
  const options = [...isolation, ...system(), "--tmpfs", "/tmp", "--chdir", "/"];
  const [file = "", ...args] = launched(program, options, heedingTerm(["true"]));
  const result = spawnSync(file, args, {
    env: { PATH: searchPath },
    encoding: "utf8",
    timeout: PROBE_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  if (result.status === 0) return null;
  return (
    result.error?.message ?? (result.stderr.trim().split("\n")[0] || `exit code ${result.status}`)
  );
}
