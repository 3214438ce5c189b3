import { artifactsFolder, TASK_ARTIFACT } from "../domain/artifacts.js";
import type { Sha } from "../domain/verdict.js";
import { WorkspaceError } from "../engine/workspace.js";
import { type Git, gitFailed, outputOf } from "./git.js";

export interface NewBranch {
  readonly item: string;
  readonly base: Sha;
  /** Branches of unmerged blockers with their heads. */
  readonly blockers: readonly { readonly branch: string; readonly head: Sha }[];
  /** Text of the first artifact. */
  readonly task: string;
}

/**
 * Makes the first commit of an item's branch: the base, what its blockers have and the base lacks,
 * and the task. Nothing is pushed.
 * @throws WorkspaceError `conflict`, naming the files
 */
export async function makeBranch(git: Git, gitDir: string, branch: NewBranch): Promise<Sha> {
  let head = branch.base;
  for (const blocker of branch.blockers) {
    head = await merge(git, gitDir, head, blocker);
  }
  return await addTask(git, gitDir, head, branch);
}

async function merge(
  git: Git,
  gitDir: string,
  head: Sha,
  blocker: NewBranch["blockers"][number],
): Promise<Sha> {
  const known = await git(["merge-base", "--is-ancestor", blocker.head, head], { gitDir });
  if (known.code === 0) return head;
  if (known.code !== 1) throw gitFailed("merge-base", known);
  const merged = await git(
    ["merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", head, blocker.head],
    { gitDir },
  );
  const [tree = "", ...names] = merged.stdout.toString("utf8").split("\0");
  if (merged.code === 1) throw conflict(blocker.branch, names);
  if (merged.code !== 0) throw gitFailed("merge-tree", merged);
  return outputOf(
    "commit-tree",
    await git(["commit-tree", "-p", head, "-p", blocker.head, tree], {
      gitDir,
      input: `Merge ${blocker.branch}, which this waits for\n`,
    }),
  );
}

function conflict(branch: string, names: readonly string[]): WorkspaceError {
  const files = names.filter((name) => name !== "").join(", ");
  return new WorkspaceError("conflict", `${branch} can't be merged: it conflicts in ${files}`);
}

/** One process writes blob, trees and commit; a symlink in the folder's way is replaced. */
async function addTask(git: Git, gitDir: string, head: Sha, branch: NewBranch): Promise<Sha> {
  const input = [
    "commit refs/stagecoach/new\nmark :1\n",
    `committer stagecoach <stagecoach@localhost> ${Math.floor(Date.now() / 1000)} +0000\n`,
    data(`${branch.item}: take the task\n`),
    `from ${head}\n`,
    `M 100644 inline ${artifactsFolder(branch.item)}/${TASK_ARTIFACT}\n`,
    data(branch.task),
    "\nget-mark :1\ndone\n",
  ].join("");
  const made = await git(["fast-import", "--quiet", "--done", "--force"], { gitDir, input });
  return outputOf("fast-import", made);
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text, "utf8")}\n${text}\n`;
}
