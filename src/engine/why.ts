import { type IssueKey, issueKey } from "../domain/issue.js";
import type { WorkItem } from "../domain/work-item.js";
import type { WhyLink, WhyPath } from "./why-path.js";
import { ranked, releaseOf, summaryOf } from "./why-words.js";
import type { ReadWorkItems } from "./work-items.js";

/** Why an item stands where it stands. */
export interface Why {
  /** One sentence, from the item to the cause. */
  readonly summary: string;
  /** From the item to the cause that most needs somebody. */
  readonly chain: readonly WhyLink[];
  /** What would move it: a sentence for each cause. */
  readonly release: readonly string[];
}

/** An item with thousands of blockers is explained by the nearest ones. */
const MOST_VISITED = 200;
const MOST_RELEASES = 10;

/** Follows what the item waits for down to the causes; null if there is no such item. */
export async function explain(items: ReadWorkItems, id: string): Promise<Why | null> {
  const item = await items.find(id);
  if (item === null) return null;
  const itself: WhyPath = { links: [linkOf(item)], loop: false };
  const [first = itself, ...others] = ranked(await causes(items, item));
  const release = [first, ...others].flatMap(releaseOf);
  return {
    summary: summaryOf(first),
    chain: first.links,
    release: [...new Set(release)].slice(0, MOST_RELEASES),
  };
}

/**
 * Breadth first, so that the shortest way to each cause is found; every issue is looked at once, so
 * that many items blocking one another cost no more than their number.
 */
async function causes(items: ReadWorkItems, item: WorkItem): Promise<WhyPath[]> {
  const found: WhyPath[] = [];
  const seen = new Set<IssueKey>([issueKey(item.issue)]);
  let paths: WhyPath["links"][] = [[linkOf(item)]];
  while (paths.length > 0) {
    const steps: Promise<WhyPath["links"]>[] = [];
    for (const { path, keys } of await Promise.all(paths.map((each) => blockersOf(items, each)))) {
      const looped = path.find((link) => keys.includes(link.issue));
      if (looped !== undefined) found.push({ links: [...path, looped], loop: true });
      const fresh = keys.filter((key) => !seen.has(key)).slice(0, MOST_VISITED - seen.size);
      if (keys.length === 0) found.push({ links: path, loop: false });
      for (const key of fresh) {
        seen.add(key);
        steps.push(linkTo(items, key).then((link) => [...path, link]));
      }
    }
    paths = await Promise.all(steps);
  }
  return found;
}

async function blockersOf(items: ReadWorkItems, path: WhyPath["links"]) {
  const last = path[path.length - 1];
  if (last?.item == null || last.status !== "waiting") return { path, keys: [] };
  return { path, keys: await items.waitingOn(last.item) };
}

/** An issue as a link of a chain, whoever carries it. */
export async function linkTo(items: ReadWorkItems, key: IssueKey): Promise<WhyLink> {
  const id = await items.ofIssue(key);
  const item = id === null ? null : await items.find(id);
  if (item !== null) return { ...linkOf(item), issue: key };
  return { issue: key, item: null, title: null, stage: null, status: null, reason: "" };
}

export function linkOf(item: WorkItem): WhyLink {
  const { id, title, stage, status, reason } = item;
  return { issue: issueKey(item.issue), item: id, title, stage, status, reason };
}
