import type { IssueKey } from "../domain/issue.js";

/** All keys share one prefix and, by its hash tag, one shard. */
export function itemKeys(prefix: string) {
  return {
    item: (id: string) => `${prefix}:item:${id}`,
    history: (id: string) => `${prefix}:item:${id}:history`,
    effects: (id: string) => `${prefix}:item:${id}:effects`,
    runs: (id: string) => `${prefix}:item:${id}:runs`,
    outbox: `${prefix}:outbox`,
    /** Sorted set of all items by creation. */
    items: `${prefix}:items`,
    branches: `${prefix}:branches`,
    commits: `${prefix}:commits`,
    counter: (itemPrefix: string) => `${prefix}:counter:${itemPrefix}`,
    issue: (issue: IssueKey) => `${prefix}:issue:${issue}`,
    unmet: (issue: IssueKey) => `${prefix}:unmet:${issue}`,
  };
}

export function graphKeys(prefix: string) {
  return {
    met: `${prefix}:met`,
    unmetPrefix: `${prefix}:unmet:`,
    unmet: (issue: IssueKey) => `${prefix}:unmet:${issue}`,
    dependents: (issue: IssueKey) => `${prefix}:dependents:${issue}`,
    waived: (issue: IssueKey) => `${prefix}:waived:${issue}`,
  };
}

export function slotKeys(prefix: string) {
  return {
    ready: (project: string) => `${prefix}:ready:${project}`,
    projects: `${prefix}:ready-projects`,
    what: `${prefix}:ready-items`,
    leases: `${prefix}:slots:leases`,
    holders: `${prefix}:slots:holders`,
    grants: `${prefix}:slots:grants`,
    turn: `${prefix}:turn`,
    expected: (project: string) => `${prefix}:expected:${project}`,
  };
}

/** Prefix of the queue's own keys, beside ours. */
export function queuePrefix(prefix: string): string {
  return `${prefix}:queue`;
}
