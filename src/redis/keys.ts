import type { IssueKey } from "../domain/issue.js";
import type { EdgeSource } from "../engine/graph.js";

/** All keys share one prefix and, by its hash tag, one shard. */
export function itemKeys(prefix: string) {
  return {
    item: (id: string) => `${prefix}:item:${id}`,
    history: (id: string) => `${prefix}:item:${id}:history`,
    effects: (id: string) => `${prefix}:item:${id}:effects`,
    runs: (id: string) => `${prefix}:item:${id}:runs`,
    /** Commits its branch was at. */
    commitsOf: (id: string) => `${prefix}:item:${id}:commits`,
    outbox: `${prefix}:outbox`,
    /** Sorted set of all items by creation. */
    items: `${prefix}:items`,
    commits: `${prefix}:commits`,
    /** What the whole fleet has counted. */
    counts: `${prefix}:counts`,
    counter: (itemPrefix: string) => `${prefix}:counter:${itemPrefix}`,
    issue: (issue: IssueKey) => `${prefix}:issue:${issue}`,
    edges: (issue: IssueKey) => `${prefix}:edges:${issue}`,
  };
}

export function graphKeys(prefix: string) {
  const edgesPrefix = `${prefix}:edges:`;
  const waivedPrefix = `${prefix}:waived:`;
  const dependentsPrefix = `${prefix}:dependents:`;
  return {
    met: `${prefix}:met`,
    /** How many sources state the edge to each blocker, by dependent, and "!" behind it while unmet. */
    edgesPrefix,
    waivedPrefix,
    dependentsPrefix,
    edges: (issue: IssueKey) => `${edgesPrefix}${issue}`,
    dependents: (issue: IssueKey) => `${dependentsPrefix}${issue}`,
    waived: (issue: IssueKey) => `${waivedPrefix}${issue}`,
    stated: ({ by, issue }: EdgeSource) => `${prefix}:stated:${by}:${issue}`,
    vanished: ({ by, issue }: EdgeSource) => `${prefix}:vanished:${by}:${issue}`,
    appeared: ({ by, issue }: EdgeSource) => `${prefix}:appeared:${by}:${issue}`,
    /** Loops people were told of, by issue. */
    loops: (issue: IssueKey) => `${prefix}:loops:${issue}`,
    agenda: `${prefix}:agenda`,
    /** How often an entry of the agenda was put off. */
    agendaTimes: `${prefix}:agenda-times`,
  };
}

export function slotKeys(prefix: string) {
  return {
    /** Ready items of one project, role and provider, by number. */
    readyClass: (project: string, name: string) => `${prefix}:ready-class:${project}\n${name}`,
    classes: (project: string) => `${prefix}:ready-classes:${project}`,
    projects: `${prefix}:projects-in-turn`,
    /** As an older version knew them, with one ready set each, `<prefix>:ready:<project>`. */
    oldProjects: `${prefix}:ready-projects`,
    what: `${prefix}:ready-items`,
    leases: `${prefix}:slots:leases`,
    holders: `${prefix}:slots:holders`,
    grants: `${prefix}:slots:grants`,
    turn: `${prefix}:turn`,
    wake: `${prefix}:wake`,
    pause: (provider: string) => `${prefix}:pause:${provider}`,
    expected: (project: string) => `${prefix}:expected:${project}`,
  };
}

export function budgetKeys(prefix: string) {
  return {
    /** What an item spent and what of it each run did. */
    item: (id: string) => `${prefix}:budget:item:${id}`,
    /** What the fleet and its projects spent on a UTC day, and what was added to it. */
    day: (day: string) => `${prefix}:budget:day:${day}`,
    /** What runs hold until they are settled. */
    open: `${prefix}:budget:open`,
  };
}

/** The version of all that is stored here. */
export function schemaKey(prefix: string): string {
  return `${prefix}:schema`;
}

/** What a run printed, by its id. */
export function runLogPrefix(prefix: string): string {
  return `${prefix}:run-log:`;
}

/** Where transitions say which item they wrote. */
export function changesChannel(prefix: string): string {
  return `${prefix}:changes`;
}

/** Prefix of the queue's own keys, beside ours. */
export function queuePrefix(prefix: string): string {
  return `${prefix}:queue`;
}
