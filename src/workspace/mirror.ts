import { randomUUID } from "node:crypto";
import { access, link, mkdir, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sha } from "../domain/verdict.js";
import { WorkspaceError } from "../engine/workspace.js";
import type { Git } from "./git.js";
import { isErrno, withLock } from "./lock.js";
import type { Remote } from "./remote.js";

/** A repository's objects on this host: checkouts borrow from it, views read it. Workers only. */
export interface Mirror {
  readonly gitDir: string;
  readonly objects: string;
  /** Notes that it is in use, and makes the empty repository if it isn't there. Talks to nobody. */
  prepare(): Promise<void>;
  /** Does the mirror hold this commit? Asks git only what it doesn't know yet. */
  has(commit: Sha): Promise<boolean>;
  /** Brings a commit, through its branch where that is known; false: the remote has lost it. */
  bring(commit: Sha, branch?: string): Promise<boolean>;
  /** Takes over the objects that a checkout made, so that nobody need fetch what was pushed here. */
  adopt(objects: string, commit: Sha): Promise<void>;
}

const CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tlogAllRefUpdates = false\n";

export function openMirror(git: Git, gitDir: string, remote: Remote): Mirror {
  const objects = join(gitDir, "objects");
  const known = new Set<Sha>();

  const has: Mirror["has"] = async (commit) => {
    if (known.has(commit)) return true;
    const result = await git(["cat-file", "-e", `${commit}^{commit}`], { gitDir });
    if (result.code === 0) known.add(commit);
    return result.code === 0;
  };

  const fetch = (commit: Sha, refspec: string) =>
    withLock(`${gitDir}.lock`, async () => {
      // Whoever held the lock before us may have brought it.
      if (await has(commit)) return true;
      return (await remote.fetch(gitDir, [refspec])) && (await has(commit));
    });

  return {
    gitDir,
    objects,
    has,
    async prepare() {
      if (await noteUse(gitDir)) return;
      // Collected since we last looked, or never there: it holds nothing we knew of.
      known.clear();
      await create(gitDir);
    },
    async bring(commit, branch) {
      if (await has(commit)) return true;
      if (branch !== undefined && (await fetch(commit, seen(branch)))) return true;
      if (await fetch(commit, commit)) return true;
      // Servers may refuse a bare commit: then everything that has a name.
      return await fetch(commit, "+refs/heads/*:refs/stagecoach/heads/*");
    },
    async adopt(from, commit) {
      await adoptPacks(join(from, "pack"), join(objects, "pack"));
      await adoptLoose(from, objects, commit);
      known.add(commit);
    },
  };
}

/** @throws WorkspaceError `git-failed` when the remote no longer has the commit */
export async function mustBring(mirror: Mirror, commit: Sha, branch?: string): Promise<void> {
  if (await mirror.bring(commit, branch)) return;
  throw new WorkspaceError("git-failed", `the remote doesn't hand out commit ${commit}`);
}

/** A branch's last seen head. Flattened: `a` may become `a/b`, and names must not collide as folders. */
function seen(branch: string): string {
  return `+refs/heads/${branch}:refs/stagecoach/seen/${branch.replaceAll("/", "%2F")}`;
}

/** The file whose time of change tells when a mirror was last used. */
export const USED = "HEAD";

/** False: there is no such mirror. */
async function noteUse(gitDir: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(join(gitDir, USED), now, now);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

async function create(gitDir: string): Promise<void> {
  const draft = `${gitDir}.${randomUUID()}`;
  await writeRepository(draft, CONFIG);
  try {
    await rename(draft, gitDir);
  } catch (error) {
    if (!(isErrno(error, "ENOTEMPTY") || isErrno(error, "EEXIST"))) throw error;
    await rm(draft, { recursive: true });
  }
}

/** An empty repository as git would make it, without starting git. */
export async function writeRepository(gitDir: string, config: string): Promise<void> {
  await mkdir(join(gitDir, "objects/info"), { recursive: true });
  await mkdir(join(gitDir, "objects/pack"), { recursive: true });
  await mkdir(join(gitDir, "refs/heads"), { recursive: true });
  await writeFile(join(gitDir, "config"), config);
  await writeFile(join(gitDir, "HEAD"), "ref: refs/heads/none\n");
}

async function adoptLoose(from: string, to: string, commit: Sha): Promise<void> {
  const names = (await readdir(from)).filter((name) => /^[0-9a-f]{2}$/.test(name));
  const files = await Promise.all(
    names.map(async (name) => (await readdir(join(from, name))).map((file) => `${name}/${file}`)),
  );
  const last = `${commit.slice(0, 2)}/${commit.slice(2)}`;
  const rest = files.flat().filter((file) => file !== last);
  await Promise.all(rest.map((file) => move(join(from, file), join(to, file))));
  // The commit comes last: whoever sees it finds everything it needs.
  if (files.flat().includes(last)) await move(join(from, last), join(to, last));
}

async function adoptPacks(from: string, to: string): Promise<void> {
  const files = (await readdir(from)).filter((name) => name.startsWith("pack-"));
  const index = (name: string) => Number(name.endsWith(".idx"));
  for (const file of files.sort((a, b) => index(a) - index(b))) {
    await move(join(from, file), join(to, file));
  }
}

/** Objects are named by their content: one that is there already is the same. */
async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
  await rm(from, { force: true });
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT") || isErrno(error, "ENOTDIR")) return false;
    throw error;
  }
}
