import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import type { Project } from "../../src/domain/fleet.js";
import type { Checkout, OpenCheckout } from "../../src/engine/workspace.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import {
  createWorkspace,
  type GitWorkspace,
  type WorkspaceOptions,
} from "../../src/workspace/create-workspace.js";
import { createRemote, type GitRemote } from "./git-remote.js";
import { project as anyProject } from "./rocket-fleet.js";

export const run = promisify(execFile);
export const BRANCH = "feature/ET-001-add-search";
export const HEAD = `refs/heads/${BRANCH}`;
export const SECRET = "tok-4f9a1c77e2/+x";

/** A repository, a host's folder and its workspace, gone when the test ends. */
export interface WorkspaceWorld {
  readonly remote: GitRemote;
  readonly dataDir: string;
  readonly workspace: GitWorkspace;
  project(changes?: Partial<Project>): Project;
  open(over?: Partial<OpenCheckout>, by?: GitWorkspace): Promise<Checkout>;
  /** Another process's view of the same host, or with other settings. */
  again(options?: Partial<WorkspaceOptions>): GitWorkspace;
}

export async function workspaceWorld(
  options: Partial<WorkspaceOptions> = {},
): Promise<WorkspaceWorld> {
  const remote = await createRemote({ "README.md": "# rocket\n", "src/a.txt": "one\n" });
  const dataDir = await mkdtemp(join(tmpdir(), "stagecoach-data-"));
  const opened: Checkout[] = [];
  onTestFinished(async () => {
    for (const checkout of opened) await checkout.close();
    await run("chmod", ["-R", "u+rwx", dataDir]);
    await rm(dataDir, { recursive: true, force: true });
    await remote.remove();
  });
  const again: WorkspaceWorld["again"] = (changes = {}) =>
    createWorkspace({
      dataDir,
      log: silentLogger(),
      environment: { PATH: process.env.PATH },
      secrets: [SECRET],
      ...options,
      ...changes,
    });
  const workspace = again();
  const project: WorkspaceWorld["project"] = (changes = {}) =>
    anyProject({ remote: remote.path, protectedPaths: [".gitea/**", ".github/**"], ...changes });
  return {
    remote,
    dataDir,
    workspace,
    project,
    again,
    async open(over = {}, by = workspace) {
      const checkout = await by.open({
        project: project(),
        item: "ET-001",
        branch: BRANCH,
        role: "developer",
        token: `token-${opened.length}`,
        task: "# Add search\n",
        blockers: [],
        ...over,
      });
      opened.push(checkout);
      return checkout;
    },
  };
}

export async function put(
  { path }: Checkout,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
}
