import type { GitRemote } from "../tests/support/git-remote.js";
import type { SeenMerge } from "./snapshot.js";

/** Merges into `main`, oldest first, as the forge's double words them: `Merge <branch>`. */
export async function mergesIn(remote: Pick<GitRemote, "git">): Promise<readonly SeenMerge[]> {
  const form = ["--first-parent", "--merges", "--reverse", "--format=%s %P"];
  const lines = (await remote.git("log", ...form, "main")).split("\n").filter(Boolean);
  return lines.map((line) => {
    const [, branch = "", , commit = ""] = line.split(" ");
    return { branch, commit };
  });
}
