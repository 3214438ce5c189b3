import { type IssueKey, issueKey } from "../domain/issue.js";
import { replanned } from "../domain/item-life.js";
import type { IssueReference, Metadata } from "../domain/metadata.js";
import { referenceKey } from "../engine/blocker-branches.js";
import { showAnew, tellOf } from "../engine/blocker-holds.js";
import type { Edge, EdgeSource } from "../engine/graph.js";
import { tellOfLoops } from "../engine/loop-holds.js";
import { driveOutbox, letGoVanished, releaseDependents } from "../engine/outbox.js";
import { TrackerError } from "../engine/tracker.js";
import type { EdgeDeps } from "./deps.js";
import type { IssueNow } from "./issue-now.js";
import { ASK_AFTER_MS, type Stranger, strangerEntry, strangerNow } from "./strangers.js";

/** Blockers that nobody carries and that people must hear of. */
export type Strangers = ReadonlyMap<IssueKey, Stranger>;

/**
 * States the edges of an issue's text, from either end, and those its tracker knows of (`own`), in place
 * of what either stated before. A blocker that is closed without an item holds nothing up. What came of
 * it takes effect by `followEdges`.
 */
export async function stateEdges(
  deps: EdgeDeps,
  { address }: IssueNow,
  metadata: Metadata,
  own: readonly IssueReference[] | null,
): Promise<Strangers> {
  const key = issueKey(address);
  // Work items of Plane have no numbers that a text could name.
  const repo = address.tracker === "gitea" ? address.repo : null;
  const named = repo === null ? [] : keysOf(repo, metadata.blockedBy);
  const written = await edgesTo(deps, key, named, []);
  const known = await edgesTo(deps, key, keysOf(repo, own ?? []), []);
  const others = repo === null ? [] : blockedBy(key, repo, metadata);
  await Promise.all([
    deps.graph.state(textOf(key), [...written.edges, ...others]),
    own === null ? null : deps.graph.state(trackerOf(key), known.edges),
  ]);
  return new Map([...written.strangers, ...known.strangers]);
}

/** What the tracker knows to block this issue now takes the place of what it knew before. */
export async function stateTrackerEdges(
  deps: EdgeDeps,
  address: IssueNow["address"],
  own: readonly IssueReference[],
): Promise<Strangers> {
  const key = issueKey(address);
  const repo = address.tracker === "gitea" ? address.repo : null;
  const before = await deps.graph.stated(trackerOf(key));
  const { edges, strangers } = await edgesTo(deps, key, keysOf(repo, own), before);
  await deps.graph.state(trackerOf(key), edges);
  return strangers;
}

/** What its tracker knows to block an issue; null: it doesn't say, and won't if it is asked again. */
export async function ownBlockers(
  deps: EdgeDeps,
  address: IssueNow["address"],
): Promise<readonly IssueReference[] | null> {
  try {
    return (await deps.tracker(address.tracker)?.blockers(address)) ?? null;
  } catch (error) {
    if (!(error instanceof TrackerError) || error.retryable) throw error;
    deps.log.warn({ err: error, issue: issueKey(address) }, "its dependencies can't be read");
    return null;
  }
}

/** Does the issue itself wait for one more than before its edges were stated? */
export async function gainedEdges(deps: EdgeDeps, issue: IssueKey): Promise<boolean> {
  for (const source of sourcesOf(issue)) {
    const appeared = await deps.graph.appeared(source);
    if (appeared.some(({ dependent }) => dependent === issue)) return true;
  }
  return false;
}

/**
 * What appeared and what vanished takes effect; again, also after a death halfway, until it is
 * through. Who waits for its agent's start waits anew, but for `planned`: its flow knows its edges.
 */
export async function followEdges(
  deps: EdgeDeps,
  issue: IssueKey,
  planned: IssueKey | null,
): Promise<void> {
  const sources = sourcesOf(issue);
  if (!(await haveChanged(deps, sources))) return;
  for (const source of sources) {
    const appeared = await deps.graph.appeared(source);
    const dependents = [...new Set(appeared.map(({ dependent }) => dependent))];
    for (const dependent of dependents) {
      if (dependent !== planned) await waitAnew(deps, dependent, issue);
    }
    const told = await tellOfLoops(deps, dependents);
    for (const dependent of dependents) {
      const blockers = appeared.filter((one) => one.dependent === dependent);
      told.push(
        ...(await tellOf(
          deps,
          dependent,
          blockers.map(({ blocker }) => blocker),
        )),
      );
    }
    for (const id of new Set(told)) await driveOutbox(deps, id);
    await deps.graph.seen(source, appeared);
    await letGoVanished(deps, source);
  }
}

async function haveChanged({ graph }: EdgeDeps, sources: readonly EdgeSource[]): Promise<boolean> {
  const changes = await Promise.all(
    sources.flatMap((source) => [graph.appeared(source), graph.vanished(source)]),
  );
  return changes.some((edges) => edges.length > 0);
}

/** An issue that has no item states no edge anew, but what it stated may be gone from its text. */
export async function keepStatedEdges(
  deps: EdgeDeps,
  { address }: IssueNow,
  metadata: Metadata,
): Promise<void> {
  if (address.tracker !== "gitea") return;
  const key = issueKey(address);
  const written = [
    ...keysOf(address.repo, metadata.blockedBy).map((blocker) => edge(key, blocker)),
    ...blockedBy(key, address.repo, metadata),
  ];
  const kept = (await deps.graph.stated(textOf(key))).filter((one) =>
    written.some((other) => isSame(one, other)),
  );
  await deps.graph.state(textOf(key), kept);
  await followEdges(deps, key, null);
}

/** Has the text stated an edge that may be gone from it? */
export async function statesEdges(deps: EdgeDeps, issue: IssueKey): Promise<boolean> {
  return (await deps.graph.stated(textOf(issue))).length > 0;
}

/** An issue that was deleted says nothing any more; what others say of it stays. */
export async function withdrawEdges(deps: EdgeDeps, issue: IssueKey): Promise<void> {
  for (const source of sourcesOf(issue)) await deps.graph.state(source, []);
  await followEdges(deps, issue, null);
}

function textOf(issue: IssueKey): EdgeSource {
  return { by: "text", issue };
}

function trackerOf(issue: IssueKey): EdgeSource {
  return { by: "tracker", issue };
}

function sourcesOf(issue: IssueKey): readonly EdgeSource[] {
  return [textOf(issue), trackerOf(issue)];
}

function edge(dependent: IssueKey, blocker: IssueKey): Edge {
  return { dependent, blocker };
}

function isSame(one: Edge, other: Edge): boolean {
  return one.dependent === other.dependent && one.blocker === other.blocker;
}

/** References as keys; those of Plane's tracker are keys already. */
function keysOf(repo: string | null, references: readonly IssueReference[]): IssueKey[] {
  const keys = references.map((reference) =>
    repo === null ? String(reference) : referenceKey(repo, reference),
  );
  return keys.filter((key) => key !== null);
}

/**
 * Edges to these blockers, but for one that doesn't exist. One with an item holds up until it is met,
 * one that is closed is met; others are asked after now and then. `known` were asked after before.
 */
async function edgesTo(
  deps: EdgeDeps,
  dependent: IssueKey,
  blockers: readonly IssueKey[],
  known: readonly Edge[],
): Promise<{ readonly edges: Edge[]; readonly strangers: Map<IssueKey, Stranger> }> {
  const edges: Edge[] = [];
  const strangers = new Map<IssueKey, Stranger>();
  for (const blocker of new Set(blockers)) {
    if (blocker === dependent) continue;
    const isKnown = known.some((one) => one.blocker === blocker);
    const stranger = isKnown ? null : await strangerNow(deps, blocker);
    if (stranger?.kind === "missing" || stranger?.kind === "unread") {
      strangers.set(blocker, stranger);
    }
    if (stranger?.kind === "missing") continue;
    if (stranger?.kind === "closed") await releaseDependents(deps, blocker);
    else if (stranger !== null) await expectStranger(deps, blocker, stranger);
    edges.push(edge(dependent, blocker));
  }
  return { edges, strangers };
}

/** One that was closed before and is open now holds up who names it from here on. */
async function expectStranger(
  { graph, clock }: EdgeDeps,
  blocker: IssueKey,
  stranger: Stranger,
): Promise<void> {
  if (stranger.kind === "open") await graph.reopen(blocker);
  await graph.agenda.add(strangerEntry(blocker), clock() + ASK_AFTER_MS);
}

/** Edges that the text states from their other end. */
function blockedBy(blocker: IssueKey, repo: string, metadata: Metadata): Edge[] {
  return keysOf(repo, metadata.blocks)
    .filter((key) => key !== blocker)
    .map((key) => edge(key, blocker));
}

async function waitAnew(deps: EdgeDeps, dependent: IssueKey, issue: IssueKey): Promise<void> {
  const id = await deps.items.ofIssue(dependent);
  if (id === null) return;
  const at = new Date(deps.clock()).toISOString();
  const text = dependent === issue ? "its blockers changed" : `${issue} names it as blocked`;
  const cause = { id: "blocked", text, at };
  await deps.items.transition(id, (item) => replanned(item, cause));
  await showAnew(deps, id);
  await driveOutbox(deps, id);
}
