import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { Project } from "../domain/fleet.js";
import type { HostFolders } from "../engine/housekeeping.js";
import type { OpenCheckout, Workspace } from "../engine/workspace.js";
import type { Logger } from "../telemetry/logger.js";
import { clearOut, mirrorFolder, removeMirrors, sweepCrashed } from "./collect.js";
import { needRoom, type Room } from "./disk.js";
import { makeFresh } from "./fresh.js";
import { createGit, type Git } from "./git.js";
import { exists, type Mirror, mustBring, openMirror } from "./mirror.js";
import { openCheckout } from "./open.js";
import { packIfDue, packMirror } from "./pack.js";
import { type Credentials, openRemote, type Remote } from "./remote.js";
import { safeBranch, safeItem, safeProject, safeSha, unsafe } from "./safe-names.js";
import { removeSlots, slotFolders } from "./slots.js";
import { sweepFolders } from "./sweep.js";
import { viewOf } from "./view.js";

export interface WorkspaceOptions {
  /** Everything is kept below `<dataDir>/work`. */
  readonly dataDir: string;
  readonly log: Logger;
  /** The process's environment; git gets only what it needs to run and to reach a remote. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** No commit that adds one of these is pushed. */
  readonly secrets?: readonly string[];
  readonly credentials?: Credentials;
  /** How much must be free on the disk; default: it isn't looked at. */
  readonly room?: Room;
  /** Most that one run may add, in bytes; default: no limit. */
  readonly maxRunBytes?: number;
}

export interface GitWorkspace extends Workspace, HostFolders {
  /** Packs the objects that runs have left in a project's mirror. */
  pack(project: Project): Promise<void>;
}

/** The one place that touches git. Nothing happens before the first call. */
export function createWorkspace(options: WorkspaceOptions): GitWorkspace {
  const git = createGit(options.environment);
  const work = resolve(options.dataDir, "work");
  const grounds = {
    items: join(work, "items"),
    mirrors: join(work, "mirrors"),
    fresh: join(work, "fresh"),
  };
  const { items, mirrors, fresh } = grounds;
  const repositories = new Map<string, Repository>();

  const repositoryOf = (project: Project): Repository => {
    const key = `${safeProject(project.name)} ${project.remote}`;
    const known = repositories.get(key) ?? openRepository(project);
    repositories.set(key, known);
    return known;
  };

  const openRepository = (project: Project): Repository => {
    const remote = openRemote(git, project.remote, options.credentials);
    return {
      remote,
      mirror: openMirror(git, join(mirrors, mirrorFolder(project.name)), remote),
    };
  };

  const {
    log,
    secrets = [],
    maxRunBytes = Number.POSITIVE_INFINITY,
    room = { freeBytes: 0 },
  } = options;
  const needsRoom = () => needRoom(work, room, () => clearOut(grounds, Date.now()));
  return {
    async open(request) {
      await checkNames(git, request);
      const repository = repositoryOf(request.project);
      await needsRoom();
      return await openCheckout({ git, items, log, secrets, maxRunBytes, ...repository, request });
    },
    async head(project, branch) {
      const ref = `refs/heads/${safeBranch(branch)}`;
      return (await repositoryOf(project).remote.refs([ref])).get(ref) ?? null;
    },
    at(project, commit) {
      return viewOf(git, repositoryOf(project).mirror, safeSha(commit));
    },
    async fresh(project, commit) {
      const { mirror } = repositoryOf(project);
      await needsRoom();
      await mirror.prepare();
      await mustBring(mirror, safeSha(commit));
      await sweepFolders(fresh);
      const folder = join(fresh, randomUUID());
      return await makeFresh(git, { folder, mirror, commit, baseBranch: project.baseBranch });
    },
    checkouts: () => slotFolders(items),
    remove: (item) => removeSlots(items, safeItem(item)),
    async tidy(projects) {
      const now = Date.now();
      const wanted = new Set(projects.map((project) => mirrorFolder(project.name)));
      await sweepCrashed(grounds, now);
      await removeMirrors(grounds, (name) => !wanted.has(name), now);
      for (const name of wanted) {
        const gitDir = join(mirrors, name);
        if (await exists(gitDir)) await packIfDue(git, gitDir, now);
      }
    },
    async pack(project) {
      const { mirror } = repositoryOf(project);
      await mirror.prepare();
      await packMirror(git, mirror.gitDir);
    },
  };
}

interface Repository {
  readonly remote: Remote;
  readonly mirror: Mirror;
}

/** By our own rules first; git, which may know more of them, is asked about the rest. */
async function checkNames(git: Git, request: OpenCheckout): Promise<void> {
  safeItem(request.item);
  const branches = [request.branch, request.project.baseBranch, ...request.blockers];
  for (const branch of branches) safeBranch(branch);
  await Promise.all(branches.map((branch) => askGit(git, branch)));
}

async function askGit(git: Git, branch: string): Promise<void> {
  const { code } = await git(["check-ref-format", `refs/heads/${branch}`]);
  if (code !== 0) throw unsafe("branch name", branch);
}
