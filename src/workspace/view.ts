import type { Sha } from "../domain/verdict.js";
import { type CommitView, WorkspaceError } from "../engine/workspace.js";
import { type Git, type GitResult, gitFailed } from "./git.js";
import type { Mirror } from "./mirror.js";
import { safePath, safeSha } from "./safe-names.js";

const LONGEST_FILE = 1024 * 1024;
const REGULAR = ["100644", "100755"];

/** Reads one commit from the mirror, bringing it from the remote if it isn't there yet. */
export function viewOf(git: Git, mirror: Mirror, commit: Sha): CommitView {
  const listings = new Map<string, Promise<readonly TreeEntry[]>>();

  /** Each folder is asked for once: a gate reads several files of the same. */
  const listing = (args: readonly string[], path: string): Promise<readonly TreeEntry[]> => {
    const key = [...args, path].join("\0");
    const listed = listings.get(key) ?? list(args, path);
    listings.set(key, listed);
    return listed;
  };

  const list = async (args: readonly string[], path: string): Promise<readonly TreeEntry[]> => {
    await present(commit);
    const paths = path === "" ? [] : ["--", path];
    const result = await ask(["ls-tree", "-z", "--full-tree", ...args, commit, ...paths]);
    return parseTree(result);
  };

  const ask = async (args: readonly string[], maxBytes?: number): Promise<GitResult> => {
    const limit = maxBytes === undefined ? {} : { maxBytes };
    const result = await git(args, { gitDir: mirror.gitDir, ...limit });
    if (result.code !== 0) throw gitFailed(args[0] ?? "", result);
    return result;
  };

  const present = async (wanted: Sha): Promise<void> => {
    await mirror.prepare();
    if (await mirror.bring(wanted)) return;
    throw new WorkspaceError("git-failed", `commit ${wanted} is not in the repository any more`);
  };

  return {
    async read(path) {
      const folder = safePath(path).split("/").slice(0, -1).join("/");
      const entries = await listing([], folder === "" ? "" : `${folder}/`);
      const entry = entries.find((candidate) => candidate.path === path);
      if (entry === undefined || !REGULAR.includes(entry.mode)) return null;
      const result = await ask(["cat-file", "blob", entry.object], LONGEST_FILE);
      return result.stdout.toString("utf8");
    },
    async list(folder) {
      const entries = await listing(["-r"], folder === "" ? "" : `${safePath(folder)}/`);
      return entries.map((entry) => entry.path);
    },
    async changedSince(base) {
      safeSha(base);
      await present(commit);
      // A base the remote has lost, after a rewritten history, leaves nothing to compare with.
      if (!(await mirror.bring(base))) return [];
      const args = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", base, commit];
      const names = (await ask(args)).stdout.toString("utf8").split("\0");
      return names.filter((name) => name !== "");
    },
  };
}

interface TreeEntry {
  readonly mode: string;
  readonly object: string;
  readonly path: string;
}

function parseTree(result: GitResult): readonly TreeEntry[] {
  const records = result.stdout.toString("utf8").split("\0");
  return records.flatMap((record) => {
    const [meta = "", path] = record.split("\t");
    const [mode = "", , object = ""] = meta.split(" ");
    return path === undefined ? [] : [{ mode, object, path }];
  });
}
