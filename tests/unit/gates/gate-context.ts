import type { GateSettings, Project } from "../../../src/domain/fleet.js";
import type { Approval, WorkItem } from "../../../src/domain/work-item.js";
import { countingArtifacts } from "../../../src/engine/counting.js";
import type { Forge } from "../../../src/engine/tracker.js";
import type { CommitView } from "../../../src/engine/workspace.js";
import type { CommandResult, GateContext } from "../../../src/gates/gate.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { project } from "../../support/rocket-fleet.js";

export const HEAD = "b".repeat(40);
export const OLDER = "a".repeat(40);
const FOLDER = "docs/work-items/ET-001";

export interface World {
  /** Artifacts at the commit: name → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the run of this version wrote. */
  readonly wrote?: readonly string[];
  /** What a person changed afterwards. */
  readonly changedByPerson?: readonly string[];
  readonly approval?: Approval;
  readonly gates?: Partial<GateSettings>;
  readonly agents?: Project["agents"];
  readonly repo?: string | null;
  readonly forge?: Partial<Forge>;
  readonly command?: (command: readonly string[], timeoutMinutes: number) => CommandResult;
}

/** What a gate sees, over a commit that is a record of files, with the engine's own rule of what counts. */
export function gateContext(world: World = {}): GateContext {
  const item = itemOf(world);
  const view = viewOf(world);
  return {
    item,
    project: projectOf(world),
    commit: HEAD,
    artifacts: countingArtifacts(item, view, FOLDER),
    view,
    forge: world.forge === undefined ? null : forgeOf(world.forge),
    runCommand: async (command, timeoutMinutes) => {
      if (world.command === undefined) throw new Error("no command was expected");
      return world.command(command, timeoutMinutes);
    },
  };
}

function viewOf({ files = {}, changedByPerson = [] }: World): CommitView {
  const paths = Object.keys(files).map((name) => `${FOLDER}/${name}`);
  return {
    read: async (path) => files[path.slice(FOLDER.length + 1)] ?? null,
    list: async (folder) => paths.filter((path) => path.startsWith(`${folder}/`)),
    changedSince: async () => changedByPerson.map((name) => `${FOLDER}/${name}`),
  };
}

function forgeOf(answers: Partial<Forge>): Forge {
  const unexpected = async () => {
    throw new Error("not expected of the forge");
  };
  return {
    hasBranch: unexpected,
    headOf: unexpected,
    hooks: unexpected,
    pullRequestOf: unexpected,
    openPullRequest: unexpected,
    reviews: unexpected,
    checks: unexpected,
    pullRequest: unexpected,
    pullRequestsOf: unexpected,
    merge: unexpected,
    ...answers,
  };
}

function projectOf({ gates, agents = {}, repo = "acme/rocket" }: World): Project {
  const configured = {
    "tests-local": { command: ["npm", "test"], timeoutMinutes: 15 },
    "ci-green": { contexts: ["build", "test"] },
    ...gates,
  };
  return project({ repo, agents, gates: configured });
}

function itemOf({ wrote = [], approval }: World): WorkItem {
  const run = sampleRun("ET-001", { commitBefore: OLDER, commitAfter: HEAD, wrote });
  return sampleItem(1, { run, approval: approval ?? null, stageCommit: OLDER, head: HEAD });
}
