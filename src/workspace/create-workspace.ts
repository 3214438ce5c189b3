import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { Project } from "../domain/fleet.js";
import type { OpenCheckout, Workspace } from "../engine/workspace.js";
import type { Logger } from "../telemetry/logger.js";
import { makeFresh } from "./fresh.js";
import { createGit } from "./git.js";
import { type Mirror, mustBring, openMirror, packMirror } from "./mirror.js";
import { openCheckout } from "./open.js";
import { type Credentials, openRemote, type Remote } from "./remote.js";
import { safeBranch, safeItem, safeProject, safeSha } from "./safe-names.js";
import { removeSlots } from "./slots.js";
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
}

export interface GitWorkspace extends Workspace {
  /** Removes an item's checkouts from this host; one that a run still holds stays. */
  remove(item: string): Promise<void>;
  /** Packs the objects that runs have left in a project's mirror; worth doing about once a day. */
  pack(project: Project): Promise<void>;
}

/** The one place that touches git. Nothing happens before the first call. */
export function createWorkspace(options: WorkspaceOptions): GitWorkspace {
  const git = createGit(options.environment);
  const work = resolve(options.dataDir, "work");
  const items = join(work, "items");
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
      mirror: openMirror(git, join(work, "mirrors", `${project.name}.git`), remote),
    };
  };

  const { log, secrets = [] } = options;
  return {
    open: (request) => {
      checkNames(request);
      const repository = repositoryOf(request.project);
      return openCheckout({ git, items, log, secrets, ...repository, request });
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
      await mirror.prepare();
      await mustBring(mirror, safeSha(commit));
      await sweepFolders(join(work, "fresh"));
      const folder = join(work, "fresh", randomUUID());
      return await makeFresh(git, { folder, mirror, commit, baseBranch: project.baseBranch });
    },
    async remove(item) {
      await removeSlots(items, safeItem(item));
    },
    async pack(project) {
      const { mirror } = repositoryOf(project);
      await mirror.prepare();
      await packMirror(git, mirror);
    },
  };
}

interface Repository {
  readonly remote: Remote;
  readonly mirror: Mirror;
}

function checkNames(request: OpenCheckout): void {
  safeItem(request.item);
  for (const branch of [request.branch, request.project.baseBranch, ...request.blockers]) {
    safeBranch(branch);
  }
}
