import type { IssueKey } from "../domain/issue.js";
import { giteaIssueKey, issueKey } from "../domain/issue.js";
import type { IssueReference } from "../domain/metadata.js";
import type { WorkItem } from "../domain/work-item.js";
import type { DependencyGraph } from "./graph.js";
import type { WorkItems } from "./work-items.js";

/** A reference in an issue's text as a key: a number means the issue's own repository. */
export function referenceKey(repo: string, reference: IssueReference): IssueKey | null {
  if (typeof reference === "number") return giteaIssueKey(repo, reference);
  const match = /^([^#]+)#(\d+)$/.exec(reference);
  return match?.[1] === undefined ? null : giteaIssueKey(match[1], Number(match[2]));
}

/**
 * Branches of the blockers' items in the same project, whoever states the edges: new work starts on
 * their code too, but for those it was told not to wait for.
 */
export async function blockerBranches(
  deps: { readonly items: WorkItems; readonly graph: DependencyGraph },
  item: WorkItem,
): Promise<string[]> {
  const branches: string[] = [];
  for (const key of await deps.graph.blockers(issueKey(item.issue))) {
    const id = await deps.items.ofIssue(key);
    const blocker = id === null ? null : await deps.items.find(id);
    if (blocker?.project === item.project && blocker.head !== null) branches.push(blocker.branch);
  }
  return branches;
}
