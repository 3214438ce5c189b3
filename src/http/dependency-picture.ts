import { giteaIssueKey, type IssueKey, issueKey } from "../domain/issue.js";
import type { IssueReference } from "../domain/metadata.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { ItemWithWaits } from "./item-reading.js";

/** An issue in the picture; `item` null: it isn't one that Stagecoach carries. */
export interface PictureNode {
  readonly issue: IssueKey;
  readonly item: WorkItem | null;
}

export interface PictureEdge {
  readonly blocker: IssueKey;
  readonly dependent: IssueKey;
  /** Nobody waits for it any more. */
  readonly met: boolean;
}

export interface DependencyPicture {
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
  /** Items that have blockers and found no room. */
  readonly left: number;
}

/** More can't be read, and laying them out would hold up webhooks. */
const MOST_NODES = 150;

/**
 * What the unfinished items wait for, and what they waited for as their texts say it. Those that still
 * wait come first; blockers that aren't among the given items are looked up.
 */
export async function dependencyPicture(
  found: readonly ItemWithWaits[],
  items: Pick<ReadWorkItems, "find" | "ofIssue">,
  mostNodes = MOST_NODES,
): Promise<DependencyPicture> {
  const dependents = found
    .filter(({ item }) => !isFinished(item))
    .map((each) => ({ issue: issueKey(each.item.issue), edges: edgesOf(each) }))
    .filter(({ edges }) => edges.length > 0)
    .sort((a, b) => unmet(b.edges) - unmet(a.edges));
  const drawn = new Set<IssueKey>();
  const edges: PictureEdge[] = [];
  let left = 0;
  for (const each of dependents) {
    const added = [each.issue, ...each.edges.map(({ blocker }) => blocker)];
    const size = new Set([...drawn, ...added]).size;
    if (size > mostNodes) left += 1;
    else {
      for (const issue of added) drawn.add(issue);
      edges.push(...each.edges);
    }
  }
  const known = new Map(found.map(({ item }) => [issueKey(item.issue), item]));
  const nodes = await Promise.all(
    [...drawn].map(async (issue) => ({
      issue,
      item: known.get(issue) ?? (await lookUp(items, issue)),
    })),
  );
  return { nodes, edges, left };
}

function edgesOf({ item, waitingOn }: ItemWithWaits): PictureEdge[] {
  const dependent = issueKey(item.issue);
  const stated = item.metadata.blockedBy.flatMap((reference) => keyOf(item, reference));
  const met = stated.filter((blocker) => !waitingOn.includes(blocker) && blocker !== dependent);
  return [
    ...waitingOn.map((blocker) => ({ blocker, dependent, met: false })),
    ...[...new Set(met)].map((blocker) => ({ blocker, dependent, met: true })),
  ];
}

/** The issue a text names; none in Plane, whose texts don't number issues. */
function keyOf({ issue }: WorkItem, reference: IssueReference): IssueKey[] {
  if (typeof reference === "number") {
    return issue.tracker === "gitea" ? [giteaIssueKey(issue.repo, reference)] : [];
  }
  const [, repo, number] = /^(.+)#(\d+)$/.exec(reference) ?? [];
  return repo === undefined ? [] : [giteaIssueKey(repo, Number(number))];
}

function unmet(edges: readonly PictureEdge[]): number {
  return edges.some(({ met }) => !met) ? 1 : 0;
}

async function lookUp(
  items: Pick<ReadWorkItems, "find" | "ofIssue">,
  issue: IssueKey,
): Promise<WorkItem | null> {
  const id = await items.ofIssue(issue);
  return id === null ? null : items.find(id);
}
