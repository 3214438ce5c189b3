import type { Git, GitCall } from "./git.js";
import { gitFailed } from "./git.js";
import type { SecretSearch } from "./secret-search.js";

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

/**
 * Compares the index with a commit. With a search given, everything the change adds passes through
 * it, in the same call.
 */
export async function changesSince(
  git: Git,
  call: GitCall,
  commit: string,
  search: SecretSearch | null,
): Promise<readonly Change[]> {
  const reader = rawReader((patch) => search?.take(patch));
  const result = await git(["diff-index", ...(search ? WITH_PATCH : RAW), commit], {
    ...call,
    onStdout: reader.take,
  });
  if (result.code !== 0) throw gitFailed("diff-index", result);
  return reader.changes();
}

const RAW = [
  "--cached",
  "--raw",
  "--no-abbrev",
  "--no-renames",
  "--ignore-submodules=none",
  "-z",
] as const;
const WITH_PATCH = [
  ...RAW,
  "--patch",
  "--unified=0",
  "--text",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
] as const;

/** Splits git's output into its list of changes and the patch, which follows an empty record. */
function rawReader(onPatch: (chunk: Buffer) => void) {
  let head = Buffer.alloc(0);
  let end = -1;
  return {
    take(chunk: Buffer): void {
      if (end !== -1) {
        onPatch(chunk);
        return;
      }
      const from = Math.max(0, head.length - 1);
      head = Buffer.concat([head, chunk]);
      end = head.indexOf("\0\0", from);
      if (end !== -1) onPatch(head.subarray(end + 2));
    },
    changes(): readonly Change[] {
      const records = (end === -1 ? head : head.subarray(0, end)).toString("utf8").split("\0");
      return pairs(records).map(([meta, path]) => parseChange(meta, path));
    },
  };
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
