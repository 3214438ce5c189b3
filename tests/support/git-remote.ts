import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A bare repository in a folder of its own, as a forge would keep it. */
export interface GitRemote {
  /** Absolute path of the bare repository: a project's `remote`. */
  readonly path: string;
  /** Runs git in the bare repository and returns its output without the last newline. */
  git(...args: readonly string[]): Promise<string>;
  /** A file's text at a ref or commit; null: there is none. */
  read(ref: string, path: string): Promise<string | null>;
  /** All files at a ref or commit. */
  files(ref: string): Promise<readonly string[]>;
  /** What a ref points at; null: there is no such ref. Branch names may be short. */
  ref(name: string): Promise<string | null>;
  /** Subjects from newest to oldest. */
  log(ref: string): Promise<readonly string[]>;
  /** Commits files to a branch (a new one: from main) as a person would; null deletes one. */
  commit(
    branch: string,
    files: Readonly<Record<string, string | null>>,
    message?: string,
  ): Promise<string>;
  /** Merges a branch into another with a merge commit, as a forge does; false: they conflict. */
  merge(head: string, base: string): Promise<boolean>;
  remove(): Promise<void>;
}

/** Makes a bare repository below `parent` whose `main` holds `files` (default: a README) in one commit. */
export async function createRemote(
  files: Readonly<Record<string, string>> = { "README.md": "# rocket\n" },
  parent = tmpdir(),
): Promise<GitRemote> {
  const folder = await mkdtemp(join(parent, "stagecoach-remote-"));
  const path = join(folder, "rocket.git");
  const environment = cleanEnvironment();
  const raw = async (cwd: string, args: readonly string[]): Promise<string> => {
    const options = { cwd, env: environment, maxBuffer: 64 * 1024 * 1024 };
    return (await run("git", [...args], options)).stdout;
  };
  const gitIn = async (cwd: string, args: readonly string[]): Promise<string> =>
    (await raw(cwd, args)).replace(/\n$/, "");
  const git = (...args: readonly string[]) => gitIn(path, args);
  await gitIn(folder, ["init", "--quiet", "--bare", "--initial-branch=main", path]);
  await git("config", "receive.autogc", "false");

  const found = async (...args: readonly string[]): Promise<string | null> => {
    try {
      return await git(...args);
    } catch (error) {
      if (isExit(error, 1) || isExit(error, 128)) return null;
      throw error;
    }
  };

  const remote: GitRemote = {
    path,
    git,
    async read(ref, file) {
      const there = await found("cat-file", "-e", `${ref}:${file}`);
      return there === null ? null : await raw(path, ["cat-file", "blob", `${ref}:${file}`]);
    },
    async files(ref) {
      return (await git("ls-tree", "-r", "-z", "--name-only", ref)).split("\0").filter(Boolean);
    },
    ref: (name) => found("rev-parse", "--verify", "--quiet", name),
    async log(ref) {
      return (await git("log", "--format=%s", ref)).split("\n").filter(Boolean);
    },
    async commit(branch, changes, message = "change") {
      const work = await mkdtemp(join(folder, "work-"));
      await gitIn(work, ["init", "--quiet", "--initial-branch=work"]);
      await gitIn(work, ["remote", "add", "origin", path]);
      const start =
        (await remote.ref(`refs/heads/${branch}`)) ?? (await remote.ref("refs/heads/main"));
      if (start !== null) {
        await gitIn(work, ["fetch", "--quiet", "origin", start]);
        await gitIn(work, ["reset", "--quiet", "--hard", "FETCH_HEAD"]);
      }
      for (const [name, text] of Object.entries(changes)) {
        await mkdir(dirname(join(work, name)), { recursive: true });
        if (text === null) await rm(join(work, name));
        else await writeFile(join(work, name), text);
      }
      await gitIn(work, ["add", "--all", "--force"]);
      await gitIn(work, ["commit", "--quiet", "--allow-empty", "-m", message]);
      await gitIn(work, ["push", "--quiet", "origin", `HEAD:refs/heads/${branch}`]);
      await rm(work, { recursive: true });
      return await git("rev-parse", `refs/heads/${branch}`);
    },
    async merge(head, base) {
      const work = await mkdtemp(join(folder, "merge-"));
      await gitIn(work, ["clone", "--quiet", "--branch", base, path, "."]);
      try {
        await gitIn(work, ["merge", "--quiet", "--no-ff", "-m", `Merge ${head}`, `origin/${head}`]);
      } catch (error) {
        if (isExit(error, 1)) return false;
        throw error;
      }
      await gitIn(work, ["push", "--quiet", "origin", `HEAD:refs/heads/${base}`]);
      return true;
    },
    async remove() {
      await rm(folder, { recursive: true, force: true });
    },
  };
  await remote.commit("main", files, "begin");
  return remote;
}

/** Nobody's settings reach the tests' own git. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "Alice",
    GIT_AUTHOR_EMAIL: "alice@acme.dev",
    GIT_COMMITTER_NAME: "Alice",
    GIT_COMMITTER_EMAIL: "alice@acme.dev",
  };
}

function isExit(error: unknown, code: number): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
