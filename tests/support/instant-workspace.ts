import { createHash } from "node:crypto";
import type { CommitView, Workspace } from "../../src/engine/workspace.js";

/** A workspace that takes no time and keeps nothing, for tests whose subject is the store. */
export function instantWorkspace(): Workspace {
  const heads = new Map<string, string>();
  const head = (branch: string) => heads.get(branch) ?? shaOf(branch);
  const nothing: CommitView = {
    read: async () => null,
    list: async () => [],
    changedSince: async () => [],
  };
  return {
    async open({ branch, token }) {
      return {
        path: "/nowhere",
        borrows: [],
        head: head(branch),
        takenOut: {},
        privatePath: "/nowhere/private",
        async push() {
          heads.set(branch, shaOf(token));
          return { commit: head(branch), wrote: [] };
        },
        close: async () => undefined,
      };
    },
    head: async (_project, branch) => head(branch),
    at: () => nothing,
    fresh: async () => ({
      path: "/nowhere",
      borrows: [],
      privatePath: "/nowhere",
      dispose: async () => undefined,
    }),
  };
}

function shaOf(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
