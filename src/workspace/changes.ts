import { WorkspaceError } from "../engine/workspace.js";
import type { Git, GitCall } from "./git.js";
import { gitFailed } from "./git.js";

/** One path that differs between a commit and the index. */
export interface Change {
  readonly path: string;
  /** How it stood in the commit; mode `000000`: it didn't. */
  readonly before: Entry;
  readonly after: Entry;
}

export interface Entry {
  readonly mode: string;
  readonly object: string;
}

export const ABSENT = "000000";
export const GITLINK = "160000";

/** @throws WorkspaceError `unsafe-name` for a path that isn't UTF-8: no rule could be trusted on it */
export async function changesSince(
  git: Git,
  call: GitCall,
  commit: string,
): Promise<readonly Change[]> {
  const result = await git(["diff-index", ...COMPARED, "--raw", "--no-abbrev", "-z", commit], call);
  if (result.code !== 0) throw gitFailed("diff-index", result);
  return pairs(decoded(result.stdout).split("\0")).map(([meta, path]) => parseChange(meta, path));
}

/** Hands on, piece by piece, the patch that makes the index of the commit. */
export async function patchSince(
  git: Git,
  call: GitCall,
  commit: string,
  onPatch: (piece: Buffer) => void,
): Promise<void> {
  const args = ["diff-index", ...COMPARED, ...PLAIN_PATCH, commit];
  const result = await git(args, { ...call, onStdout: onPatch });
  if (result.code !== 0) throw gitFailed("diff-index", result);
}

const COMPARED = ["--cached", "--no-renames", "--ignore-submodules=none"] as const;
/** Whatever a repository's attributes say of its files. */
const PLAIN_PATCH = [
  "--patch",
  "--unified=0",
  "--text",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
] as const;

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WorkspaceError("unsafe-name", "the run changed a file whose name isn't UTF-8", {
      cause,
    });
  }
}

function pairs(records: readonly string[]): readonly (readonly [string, string])[] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < records.length; at += 2) {
    found.push([records[at] ?? "", records[at + 1] ?? ""]);
  }
  return found;
}

function parseChange(meta: string, path: string): Change {
  const [modeBefore = "", modeAfter = "", before = "", after = ""] = meta.slice(1).split(" ");
  return {
    path,
    before: { mode: modeBefore, object: before },
    after: { mode: modeAfter, object: after },
  };
}
