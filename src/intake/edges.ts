import { type IssueAddress, type IssueKey, issueKey } from "../domain/issue.js";
import { replanned } from "../domain/item-life.js";
import type { IssueReference, Metadata } from "../domain/metadata.js";
import { referenceKey } from "../engine/blocker-branches.js";
import type { Edge, EdgeSource } from "../engine/graph.js";
import { driveOutbox, letGoVanished } from "../engine/outbox.js";
import type { IntakeDeps } from "./deps.js";
import type { IssueNow } from "./issue-now.js";

/**
 * States the edges of an issue's text, from either end, and those its tracker knows of, in place of
 * what either stated before. A blocker that is closed without an item holds nothing up. Another
 * issue's item that waits for a slot goes back. Does the issue itself wait for one more?
 */
export async function stateEdges(
  deps: IntakeDeps,
  { address }: IssueNow,
  metadata: Metadata,
): Promise<boolean> {
  if (address.tracker !== "gitea") return false;
  const key = issueKey(address);
  const own = await deps.tracker("gitea")?.blockers(address);
  const written = await edgesTo(deps, key, keysOf(address.repo, metadata.blockedBy));
  const known = await edgesTo(deps, key, keysOf(address.repo, own ?? []));
  const others = blockedBy(key, address.repo, metadata);
  const dependents = [key, ...others.map(({ dependent }) => dependent)];
  const before = await unmetOf(deps, dependents);
  await deps.graph.state(textOf(key), [...written, ...others]);
  if (own !== undefined) await deps.graph.state(trackerOf(key), known);
  const held = await gained(deps, before);
  for (const dependent of held) if (dependent !== key) await waitAnew(deps, dependent, key);
  return held.includes(key);
}

/** What vanished takes effect; again, also after a death halfway, until it is through. */
export async function letGoOfEdges(deps: IntakeDeps, issue: IssueKey): Promise<void> {
  for (const source of [textOf(issue), trackerOf(issue)]) await letGoVanished(deps, source);
}

/** An issue that has no item states no edge anew, but what it stated may be gone from its text. */
export async function keepStatedEdges(
  deps: IntakeDeps,
  { address }: IssueNow,
  metadata: Metadata,
): Promise<void> {
  if (address.tracker !== "gitea") return;
  const key = issueKey(address);
  const written = [
    ...keysOf(address.repo, metadata.blockedBy).map((one) => edge(key, one.key)),
    ...blockedBy(key, address.repo, metadata),
  ];
  const kept = (await deps.graph.stated(textOf(key))).filter((one) =>
    written.some((other) => isSame(one, other)),
  );
  await deps.graph.state(textOf(key), kept);
  await letGoOfEdges(deps, key);
}

/** Has the text stated an edge that may be gone from it? */
export async function statesEdges(deps: IntakeDeps, issue: IssueKey): Promise<boolean> {
  return (await deps.graph.stated(textOf(issue))).length > 0;
}

/** An issue that was deleted says nothing any more; what others say of it stays. */
export async function withdrawEdges(deps: IntakeDeps, issue: IssueKey): Promise<void> {
  for (const source of [textOf(issue), trackerOf(issue)]) await deps.graph.state(source, []);
  await letGoOfEdges(deps, issue);
}

function textOf(issue: IssueKey): EdgeSource {
  return { by: "text", issue };
}

function trackerOf(issue: IssueKey): EdgeSource {
  return { by: "tracker", issue };
}

function edge(dependent: IssueKey, blocker: IssueKey): Edge {
  return { dependent, blocker };
}

function isSame(one: Edge, other: Edge): boolean {
  return one.dependent === other.dependent && one.blocker === other.blocker;
}

interface Reference {
  readonly key: IssueKey;
  readonly address: Extract<IssueAddress, { tracker: "gitea" }>;
}

function keysOf(repo: string, references: readonly IssueReference[]): Reference[] {
  return references.flatMap((reference) => {
    const key = referenceKey(repo, reference);
    const [name, number] = typeof reference === "number" ? [repo, reference] : reference.split("#");
    return key === null
      ? []
      : [
          {
            key,
            address: { tracker: "gitea" as const, repo: name ?? repo, number: Number(number) },
          },
        ];
  });
}

/** Edges to those of these blockers that hold something up. */
async function edgesTo(
  deps: IntakeDeps,
  dependent: IssueKey,
  blockers: readonly Reference[],
): Promise<Edge[]> {
  const edges: Edge[] = [];
  for (const blocker of blockers) {
    if (blocker.key === dependent || !(await blocks(deps, blocker))) continue;
    edges.push(edge(dependent, blocker.key));
  }
  return edges;
}

/** Edges that the text states from their other end. */
function blockedBy(blocker: IssueKey, repo: string, metadata: Metadata): Edge[] {
  return keysOf(repo, metadata.blocks)
    .filter(({ key }) => key !== blocker)
    .map(({ key }) => edge(key, blocker));
}

type Unmet = ReadonlyMap<IssueKey, readonly IssueKey[]>;

async function unmetOf(deps: IntakeDeps, dependents: readonly IssueKey[]): Promise<Unmet> {
  const unmet = new Map<IssueKey, readonly IssueKey[]>();
  for (const dependent of dependents) unmet.set(dependent, await deps.graph.unmet(dependent));
  return unmet;
}

/** Who waits for one more than before. */
async function gained(deps: IntakeDeps, before: Unmet): Promise<IssueKey[]> {
  const after = await unmetOf(deps, [...before.keys()]);
  return [...after].flatMap(([dependent, unmet]) =>
    unmet.some((blocker) => !before.get(dependent)?.includes(blocker)) ? [dependent] : [],
  );
}

async function waitAnew(deps: IntakeDeps, dependent: IssueKey, blocker: IssueKey): Promise<void> {
  const id = await deps.items.ofIssue(dependent);
  if (id === null) return;
  const at = new Date(deps.clock()).toISOString();
  const cause = { id: "blocked", text: `${blocker} names it as blocked`, at };
  await deps.items.transition(id, (item) => replanned(item, cause));
  await driveOutbox(deps, id);
}

/** Does it hold anything up? One with an item does until it is met; one that is closed or gone doesn't. */
async function blocks(deps: IntakeDeps, { key, address }: Reference): Promise<boolean> {
  if ((await deps.items.ofIssue(key)) !== null) return true;
  if (!deps.fleet.projects.some((p) => p.repo?.toLowerCase() === address.repo.toLowerCase())) {
    deps.log.warn({ blocker: key }, "the blocker's repository is not configured; it waits");
    return true;
  }
  const tracker = deps.tracker("gitea");
  if (tracker === null) return true;
  const issue = await tracker.readIssue(address);
  if (issue === null) deps.log.warn({ blocker: key }, "the blocker does not exist; it is ignored");
  return issue?.open === true;
}
