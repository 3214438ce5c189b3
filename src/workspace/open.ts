import { join } from "node:path";
import { artifactsFolder, takenOutBefore } from "../domain/artifacts.js";
import type { Role } from "../domain/stage.js";
import type { Sha } from "../domain/verdict.js";
import { type Checkout, type OpenCheckout, WorkspaceError } from "../engine/workspace.js";
import type { Logger } from "../telemetry/logger.js";
import { bothAtRest } from "./at-rest.js";
import { branchRef, callIn, openedCheckout, superseded } from "./checkout.js";
import { fenceRef, makeFence } from "./fence.js";
import { type Git, outputOf } from "./git.js";
import { freshFolder, layWorkerGit, plantAgentGit } from "./git-dirs.js";
import { type Mirror, mustBring } from "./mirror.js";
import { makeBranch } from "./new-branch.js";
import type { RefMove, Remote } from "./remote.js";
import { carriesSecret } from "./secret-search.js";
import { type Slot, takeSlot } from "./slots.js";
import { filesBelow, straighten, takeOut } from "./tree.js";

export interface Opening {
  readonly git: Git;
  readonly log: Logger;
  readonly secrets: readonly string[];
  /** Most that the run may add, in bytes. */
  readonly maxRunBytes: number;
  /** The folder of all items' checkouts. */
  readonly items: string;
  readonly remote: Remote;
  readonly mirror: Mirror;
  readonly request: OpenCheckout;
}

type Refs = ReadonlyMap<string, Sha>;

/** Takes a checkout folder, the fence and, at the first run, creates the branch. */
export async function openCheckout(opening: Opening): Promise<Checkout> {
  await opening.mirror.prepare();
  const slot = await takeSlot(opening.items, opening.request.item);
  try {
    return await openIn(slot, opening);
  } catch (error) {
    await slot.release();
    throw error;
  }
}

async function openIn(slot: Slot, opening: Opening): Promise<Checkout> {
  const { git, mirror, remote, request } = opening;
  await layWorkerGit(slot.git, mirror.objects);
  await freshFolder(slot.privatePath);
  const [refs, fence] = await bothAtRest(
    remote.refs(refsOf(request)),
    makeFence(git, slot.git, request.token, "taken"),
  );
  const head = await takeItem(slot, opening, refs, fence);
  await plantFor(slot, opening, refs, head);
  const artifacts = await filesBelow(slot.tree, artifactsFolder(request.item));
  const takenOut = await takeOutFor(request.role, request.item, slot.tree);
  const log = opening.log.child({ item: request.item });
  return openedCheckout({ ...opening, log, slot, head, fence, takenOut, artifacts });
}

/** Moves the fence, with a new branch if there is none, and lays the head out. Returns the head. */
async function takeItem(slot: Slot, opening: Opening, refs: Refs, fence: Sha): Promise<Sha> {
  const { mirror, remote, request } = opening;
  const existing = refs.get(branchRef(request));
  if (existing !== undefined) await mustBring(mirror, existing, request.branch);
  const head = existing ?? (await newBranch(slot, opening, refs));
  const fenceName = fenceRef(request.item);
  const moves: RefMove[] = [{ ref: fenceName, to: fence, from: refs.get(fenceName) ?? null }];
  if (existing === undefined) moves.push({ ref: branchRef(request), to: head, from: null });
  const [taken] = await bothAtRest(remote.push(slot.git, moves), layOut(opening.git, slot, head));
  if (taken === "superseded") throw superseded(request.item);
  if (existing === undefined) await mirror.adopt(join(slot.git, "objects"), head);
  return head;
}

/** From the base branch of this moment, with what its blockers have. */
async function newBranch(slot: Slot, opening: Opening, refs: Refs): Promise<Sha> {
  const { git, mirror, request } = opening;
  const { baseBranch } = request.project;
  const base = refs.get(`refs/heads/${baseBranch}`);
  if (base === undefined) {
    throw new WorkspaceError("git-failed", `the remote has no branch ${baseBranch}`);
  }
  await mustBring(mirror, base, baseBranch);
  const blockers = request.blockers.flatMap((branch) => {
    const head = refs.get(`refs/heads/${branch}`);
    return head === undefined ? [] : [{ branch, head }];
  });
  for (const blocker of blockers) await mustBring(mirror, blocker.head, blocker.branch);
  const { item, task } = request;
  if (carriesSecret(opening.secrets, task)) {
    throw new WorkspaceError("secret-found", "a configured secret stands in the issue's text");
  }
  return await makeBranch(git, slot.git, { item, base, blockers, task });
}

/** Exactly the commit, whatever the last run left. */
async function layOut(git: Git, slot: Slot, head: Sha): Promise<void> {
  await straighten(slot.tree);
  outputOf("read-tree", await git(["read-tree", "--reset", "-u", head], callIn(slot)));
  outputOf("clean", await git(["clean", "-ffdxq"], callIn(slot)));
}

async function plantFor(slot: Slot, opening: Opening, refs: Refs, head: Sha): Promise<void> {
  const { mirror, request } = opening;
  const { baseBranch } = request.project;
  const base = refs.get(`refs/heads/${baseBranch}`) ?? null;
  await plantAgentGit({
    tree: slot.tree,
    branch: request.branch,
    head,
    baseBranch,
    base: base !== null && (await mirror.has(base)) ? base : null,
    borrow: [mirror.objects],
    index: join(slot.git, "index"),
  });
}

async function takeOutFor(
  role: Role,
  item: string,
  tree: string,
): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  for (const name of takenOutBefore(role)) {
    const text = await takeOut(tree, `${artifactsFolder(item)}/${name}`);
    if (text !== null) texts[name] = text;
  }
  return texts;
}

function refsOf(request: OpenCheckout): readonly string[] {
  const branches = [request.branch, request.project.baseBranch, ...request.blockers];
  return [...branches.map((branch) => `refs/heads/${branch}`), fenceRef(request.item)];
}
