import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Sha } from "../domain/verdict.js";
import type { FreshCheckout } from "../engine/workspace.js";
import { type Git, outputOf } from "./git.js";
import { plantAgentGit } from "./git-dirs.js";
import { tryLock } from "./lock.js";
import type { Mirror } from "./mirror.js";
import { removeWhole } from "./tree.js";

export interface FreshRequest {
  /** The folder to make; its parent holds nothing but such folders and their locks. */
  readonly folder: string;
  readonly mirror: Mirror;
  readonly commit: Sha;
  readonly baseBranch: string;
}

/** Lays one commit out in a folder nobody has touched, with a `.git` for commands that ask for one. */
export async function makeFresh(git: Git, request: FreshRequest): Promise<FreshCheckout> {
  const { folder, mirror, commit } = request;
  const held = await tryLock(`${folder}.lock`);
  const dispose = async () => {
    await removeWhole(folder);
    await held?.release();
  };
  try {
    const path = join(folder, "tree");
    const index = join(folder, "index");
    const privatePath = join(folder, "private");
    for (const made of [path, privatePath]) await mkdir(made, { recursive: true, mode: 0o700 });
    const call = { gitDir: mirror.gitDir, workTree: path, index };
    outputOf("read-tree", await git(["read-tree", "-u", "--reset", commit], call));
    await plantAgentGit({
      tree: path,
      branch: "gate",
      head: commit,
      baseBranch: request.baseBranch,
      base: null,
      borrow: [mirror.objects],
      index,
    });
    return { path, borrows: [mirror.objects], privatePath, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
