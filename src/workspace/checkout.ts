import { artifactsFolder, mayWrite, takenOutBefore } from "../domain/artifacts.js";
import type { Sha } from "../domain/verdict.js";
import {
  type Checkout,
  type OpenCheckout,
  type Pushed,
  WorkspaceError,
} from "../engine/workspace.js";
import type { Logger } from "../telemetry/logger.js";
import { bothAtRest } from "./at-rest.js";
import { type Change, changesSince } from "./changes.js";
import { fenceRef, makeFence } from "./fence.js";
import { type Git, type GitCall, outputOf } from "./git.js";
import { distrust } from "./git-dirs.js";
import { inspect, type Limits } from "./inspect.js";
import type { Mirror } from "./mirror.js";
import type { Remote } from "./remote.js";
import { type PutBack, putBacks } from "./rules.js";
import type { Slot } from "./slots.js";
import { filesBelow, isFolder, removeWhole, standing, straighten } from "./tree.js";

/** What an opened checkout stands on. */
export interface Opened {
  readonly git: Git;
  readonly log: Logger;
  readonly secrets: readonly string[];
  readonly maxRunBytes: number;
  readonly request: OpenCheckout;
  readonly remote: Remote;
  readonly mirror: Mirror;
  readonly slot: Slot;
  readonly head: Sha;
  readonly fence: Sha;
  readonly takenOut: Readonly<Record<string, string>>;
  /** The item's artifacts in `head`, as paths. */
  readonly artifacts: readonly string[];
}

export function openedCheckout(opened: Opened): Checkout {
  let at = { head: opened.head, fence: opened.fence };
  let closed = false;
  return {
    path: opened.slot.tree,
    borrows: [opened.mirror.objects],
    head: opened.head,
    takenOut: opened.takenOut,
    privatePath: opened.slot.privatePath,
    async push(message) {
      const next = await commitAndPush(opened, at, message);
      at = next;
      return { commit: next.head, wrote: await wroteOf(opened) } satisfies Pushed;
    },
    async close() {
      // Closed once: the folder may be the next run's by now.
      if (closed) return;
      closed = true;
      try {
        await removeWhole(opened.slot.privatePath);
      } finally {
        await opened.slot.release();
      }
    },
  };
}

/** Where branch and fence stand on the remote as far as this run knows. */
interface Position {
  readonly head: Sha;
  readonly fence: Sha;
}

async function commitAndPush(opened: Opened, at: Position, message: string): Promise<Position> {
  const { git, slot, request, remote, mirror } = opened;
  await distrust(slot.git);
  if (!(await isFolder(slot.tree))) {
    throw new WorkspaceError("git-failed", "the run removed or replaced the folder it worked in");
  }
  const nested = await straighten(slot.tree);
  if (nested.length > 0) opened.log.warn({ nested }, "repositories inside the tree were flattened");
  const [changed, fence] = await bothAtRest(
    stage(opened, at.head, message),
    makeFence(git, slot.git, request.token, "pushed"),
  );
  if (!changed) return await stillOurs(opened, at);
  const tree = outputOf("write-tree", await git(["write-tree"], callIn(slot)));
  const commit = outputOf(
    "commit-tree",
    await git(["commit-tree", "-p", at.head, tree], { ...callIn(slot), input: `${message}\n` }),
  );
  const pushed = await remote.push(slot.git, [
    { ref: branchRef(request), to: commit, from: at.head },
    { ref: fenceRef(request.item), to: fence, from: at.fence },
  ]);
  if (pushed === "superseded") throw superseded(request.item);
  await mirror.adopt(`${slot.git}/objects`, commit);
  return { head: commit, fence };
}

/** Brings the index to what shall be committed; false: nothing differs from `head`. */
async function stage(opened: Opened, head: Sha, message: string): Promise<boolean> {
  const { git, slot, request } = opened;
  const call = callIn(slot);
  outputOf("add", await git(["add", "--all"], call));
  let changes = await changesSince(git, call, head);
  const hidden = await hiddenArtifacts(opened, changes);
  if (hidden.length > 0) {
    const input = hidden.map((path) => `${path}\0`).join("");
    const args = ["update-index", "--add", "-z", "--stdin"];
    outputOf("update-index", await git(args, { ...call, input }));
    changes = await changesSince(git, call, head);
  }
  const back = putBacks(request.item, request.role, changes);
  if (back.length > 0) await writeEntries(git, slot, back);
  const rest = standingChanges(changes, back);
  await inspect({ git, call, head, changes: rest, message }, limitsOf(opened));
  return rest.length > 0;
}

function limitsOf({ secrets, maxRunBytes, request }: Opened): Limits {
  const { project, allowedPaths = [] } = request;
  return { secrets, maxRunBytes, allowedPaths, protectedPaths: project.protectedPaths };
}

/** A role's artifacts count even where the repository ignores their folder. */
async function hiddenArtifacts(
  opened: Opened,
  changes: readonly Change[],
): Promise<readonly string[]> {
  const { item, role } = opened.request;
  const folder = artifactsFolder(item);
  const seen = new Set([...opened.artifacts, ...changes.map((change) => change.path)]);
  const files = await filesBelow(opened.slot.tree, folder);
  return files.filter((path) => !seen.has(path) && mayWrite(role, path.slice(folder.length + 1)));
}

async function writeEntries(git: Git, slot: Slot, entries: readonly PutBack[]): Promise<void> {
  // Removals first: a file in a folder's way must go before the folder's files come back.
  const ordered = entries.toSorted((a, b) => Number(a.entry.mode) - Number(b.entry.mode));
  const input = ordered.map(({ path, entry }) => `${entry.mode} ${entry.object}\t${path}\0`);
  const args = ["update-index", "-z", "--index-info"];
  outputOf("update-index", await git(args, { ...callIn(slot), input: input.join("") }));
}

/** What will really differ from the head once entries are put back. */
function standingChanges(changes: readonly Change[], back: readonly PutBack[]): readonly Change[] {
  const entries = new Map(back.map(({ path, entry }) => [path, entry]));
  return changes
    .map((change) => ({ ...change, after: entries.get(change.path) ?? change.after }))
    .filter(({ before, after }) => before.mode !== after.mode || before.object !== after.object);
}

/** With nothing to push, nobody would refuse a run that lost its item: so it asks. */
async function stillOurs(opened: Opened, at: Position): Promise<Position> {
  const { remote, request } = opened;
  const refs = await remote.refs([branchRef(request), fenceRef(request.item)]);
  const same =
    refs.get(branchRef(request)) === at.head && refs.get(fenceRef(request.item)) === at.fence;
  if (!same) throw superseded(request.item);
  return at;
}

async function wroteOf(opened: Opened): Promise<readonly string[]> {
  const { item, role } = opened.request;
  const names = takenOutBefore(role).filter((name) => mayWrite(role, name));
  const stands = await Promise.all(
    names.map(async (name) => {
      const stats = await standing(opened.slot.tree, `${artifactsFolder(item)}/${name}`);
      return stats?.isFile() ?? false;
    }),
  );
  return names.filter((_, index) => stands[index]);
}

export function callIn(slot: Slot): GitCall {
  return { gitDir: slot.git, workTree: slot.tree };
}

export function branchRef(request: Pick<OpenCheckout, "branch">): string {
  return `refs/heads/${request.branch}`;
}

export function superseded(item: string): WorkspaceError {
  return new WorkspaceError(
    "superseded",
    `another run took over ${item}, or its branch moved on the remote`,
  );
}
