import type { Sha } from "../domain/verdict.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Artifacts } from "../gates/gate.js";
import type { CommitView } from "./workspace.js";

/**
 * The item's artifacts at a commit, with what counts: what this version's run wrote (its record
 * lists it), or what a person's commit changed since. Runs alone push as the fleet, so whatever
 * differs from the commit a run left was a person's doing.
 */
export function countingArtifacts(item: WorkItem, view: CommitView, folder: string): Artifacts {
  let changed: Promise<ReadonlySet<string>> | null = null;
  const changedByPerson = () => {
    changed ??= changedSince(view, lastOwnCommit(item));
    return changed;
  };
  return {
    read: (name) => view.read(`${folder}/${name}`),
    async list(below) {
      const paths = await view.list(`${folder}/${below}`);
      return paths.map((path) => path.slice(folder.length + 1));
    },
    async counts(name) {
      const wrote = item.run?.ending === "succeeded" && item.run.wrote.includes(name);
      return wrote || (await changedByPerson()).has(`${folder}/${name}`);
    },
  };
}

function lastOwnCommit(item: WorkItem): Sha | null {
  return item.run?.commitAfter ?? item.stageCommit;
}

async function changedSince(view: CommitView, base: Sha | null): Promise<ReadonlySet<string>> {
  return new Set(base === null ? [] : await view.changedSince(base));
}
