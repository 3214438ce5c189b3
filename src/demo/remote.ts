import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the demo's repository holds before anybody works on it. */
const SEED: Readonly<Record<string, string>> = {
  "README.md": "# rocket\n\nTelemetry of a small rocket. `node check.mjs` runs every check.\n",
  "check.mjs": [
    'import { existsSync, readdirSync } from "node:fs";',
    "",
    'const folder = new URL("./checks/", import.meta.url);',
    "const checks = existsSync(folder) ? readdirSync(folder) : [];",
    "for (const name of checks) await import(new URL(name, folder).href);",
    'console.log(checks.length, "checks passed");',
    "",
  ].join("\n"),
};

/** A bare repository at `path` with one commit on `main`. Returns its path. */
export async function createDemoRemote(
  path: string,
  searchPath: string | undefined,
): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), "stagecoach-seed-"));
  const git = (cwd: string, ...args: string[]) =>
    run("git", args, { cwd, env: environment(searchPath) });
  await git(work, "init", "--quiet", "--bare", "--initial-branch=main", path);
  await git(work, "init", "--quiet", "--initial-branch=main");
  for (const [name, text] of Object.entries(SEED)) {
    await mkdir(dirname(join(work, name)), { recursive: true });
    await writeFile(join(work, name), text);
  }
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "-m", "Begin");
  await git(work, "push", "--quiet", path, "main");
  await rm(work, { recursive: true, force: true });
  return path;
}

/** What a branch of the repository points at; null: there is no such branch. */
export async function branchHead(
  path: string,
  branch: string,
  searchPath: string | undefined,
): Promise<string | null> {
  const args = ["for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`];
  const { stdout } = await run("git", args, { cwd: path, env: environment(searchPath) });
  return stdout.trim() || null;
}

/** Nobody's own settings reach the demo's git. */
function environment(searchPath: string | undefined): Record<string, string> {
  const identity = { name: "Alice", email: "alice@acme.example" };
  return {
    PATH: searchPath ?? "",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
}
