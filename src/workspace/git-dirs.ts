import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sha } from "../domain/verdict.js";
import { writeRepository } from "./mirror.js";
import { removeWhole } from "./tree.js";

const WORKER_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfileMode = true\n";

/**
 * The worker's own git directory of a checkout, outside the tree, borrowing from the mirror. Only
 * the index survives from the last run: everything else that git would obey is written anew.
 */
export async function layWorkerGit(gitDir: string, mirrorObjects: string): Promise<void> {
  for (const leftover of ["objects", "info", "hooks", "config.worktree", "index.lock", "refs"]) {
    await rm(join(gitDir, leftover), { recursive: true, force: true });
  }
  await writeRepository(gitDir, WORKER_CONFIG);
  await writeFile(join(gitDir, "objects/info/alternates"), `${mirrorObjects}\n`);
}

/** Undoes what an agent of the same user could have written into the worker's git directory. */
export async function distrust(gitDir: string): Promise<void> {
  for (const planted of ["info", "hooks", "config.worktree", "commondir", "refs/replace"]) {
    await rm(join(gitDir, planted), { recursive: true, force: true });
  }
  await writeFile(join(gitDir, "config"), WORKER_CONFIG);
  await writeFile(join(gitDir, "HEAD"), "ref: refs/heads/none\n");
}

export interface AgentGit {
  readonly tree: string;
  readonly branch: string;
  readonly head: Sha;
  readonly baseBranch: string;
  /** Null: the base isn't known here. */
  readonly base: Sha | null;
  /** Object folders to borrow from. */
  readonly borrow: readonly string[];
  /** The index that describes the tree. */
  readonly index: string;
}

/**
 * A repository in the tree for the agent's own use (log, diff, even commit). No worker's git ever
 * looks at it: only the tree counts.
 */
export async function plantAgentGit(agent: AgentGit): Promise<void> {
  const gitDir = join(agent.tree, ".git");
  await removeWhole(gitDir);
  await writeRepository(gitDir, agentConfig());
  await writeFile(join(gitDir, "objects/info/alternates"), agent.borrow.map(line).join(""));
  await writeFile(join(gitDir, "HEAD"), `ref: refs/heads/${agent.branch}\n`);
  await writeFile(join(gitDir, "packed-refs"), packedRefs(agent));
  await copyFile(agent.index, join(gitDir, "index"));
}

/** With a name, so that commits work; without collection, since its objects are borrowed. */
function agentConfig(): string {
  return [
    "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tfileMode = true\n",
    "[user]\n\tname = stagecoach\n\temail = stagecoach@localhost\n",
    "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
  ].join("");
}

function packedRefs(agent: AgentGit): string {
  const base = agent.base === null ? [] : [`${agent.base} refs/remotes/origin/${agent.baseBranch}`];
  return [`${agent.head} refs/heads/${agent.branch}`, ...base].map(line).join("");
}

function line(text: string): string {
  return `${text}\n`;
}

/** An empty folder only this user may enter. */
export async function freshFolder(path: string): Promise<void> {
  await removeWhole(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
}
