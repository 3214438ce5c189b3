import type { IssueKey } from "../domain/issue.js";
import type { ItemStatus } from "../domain/work-item.js";
import { lastOf, type WhyLink, type WhyPath } from "./why-path.js";

/** Who needs a person most comes first; what goes on by itself comes last. */
const URGENCY: Readonly<Record<ItemStatus, number>> = {
  failed: 1,
  blocked: 1,
  cancelled: 1,
  "needs-input": 2,
  "awaiting-approval": 2,
  paused: 3,
  done: 5,
  waiting: 6,
  running: 7,
};
const LOOP = 0;
const NOBODYS = 4;

export function ranked(paths: readonly WhyPath[]): WhyPath[] {
  return [...paths].sort((a, b) => urgency(a) - urgency(b) || a.links.length - b.links.length);
}

function urgency(path: WhyPath): number {
  const { status } = lastOf(path);
  if (path.loop) return LOOP;
  return status === null ? NOBODYS : URGENCY[status];
}

/** `ET-003 waits for ET-002, which waits for ET-001, which has failed: exit code 1.` */
export function summaryOf(path: WhyPath): string {
  const [first, ...others] = path.links;
  const way = others.map((link) => `waits for ${nameOf(link)}`);
  if (path.loop) return sentence(`${nameOf(first)} ${way.join(", which ")}: a loop`);
  return sentence(`${nameOf(first)} ${[...way, state(lastOf(path))].join(", which ")}`);
}

/** What would move the cause on, and how to do without it. */
export function releaseOf(path: WhyPath): string[] {
  const last = lastOf(path);
  const dependent = path.links[path.links.length - 2];
  if (path.loop) {
    const loop = path.links.map(nameOf).join(" → ");
    return [`Break the loop ${loop}: take one \`blocked by\` out of an issue, or \`/unblock\` it.`];
  }
  if (dependent === undefined && last.status === "done") return ["Nothing: it is done."];
  const without =
    dependent === undefined || last.status === "running"
      ? []
      : [
          `Or go on without it: \`/unblock ${shortReference(last.issue, dependent.issue)}\` on ${nameOf(dependent)}.`,
        ];
  return [remedy(last), ...without];
}

function remedy(link: WhyLink): string {
  const name = nameOf(link);
  switch (link.status) {
    case "failed":
      return `Retry ${name}: \`/retry\` on its issue by an approver, or retry its failed job in the board.`;
    case "blocked":
      return `Settle what ${name}'s reason names, then \`/retry\` on its issue by an approver.`;
    case "cancelled":
      return `Reopen the issue of ${name}, or assign it again.`;
    case "needs-input":
      return `Answer what ${name} asks on its issue.`;
    case "awaiting-approval":
      return `Approve ${name}: \`/approve\` on its issue by an approver.`;
    case "paused":
      return `${name} goes on when its budget is raised (\`/budget +n\`) or its provider's pause ends.`;
    case "done":
      return `Merge the pull request of ${name}.`;
    case "waiting":
      return `${name} starts by itself when a slot of its repository is free.`;
    case "running":
      return `Nothing to do: ${name} is being worked on.`;
    case null:
      return `Close ${name}, or assign it to the bot.`;
  }
}

function state(link: WhyLink): string {
  return link.reason === "" ? plainState(link) : `${plainState(link)}: ${link.reason}`;
}

function plainState(link: WhyLink): string {
  switch (link.status) {
    case "failed":
      return `has failed in ${link.stage}`;
    case "blocked":
      return `is blocked in ${link.stage}`;
    case "cancelled":
      return "was cancelled";
    case "needs-input":
      return `needs input in ${link.stage}`;
    case "awaiting-approval":
      return `awaits approval in ${link.stage}`;
    case "paused":
      return `is paused in ${link.stage}`;
    case "done":
      return "is done";
    case "waiting":
      return `waits to start ${link.stage}`;
    case "running":
      return `is being worked on in ${link.stage}`;
    case null:
      return "is not carried by anybody here";
  }
}

export function nameOf(link: WhyLink): string {
  return link.item ?? reference(link.issue);
}

/** `acme/rocket#160`, as people write it. */
function reference(issue: IssueKey): string {
  return issue.replace(/^gitea:/, "").replace(/^plane:[^/]*\//, "Plane item ");
}

/** `#160` where that is clear, in an issue of the same repository. */
function shortReference(issue: IssueKey, from: IssueKey): string {
  const [repo, number] = issue.split("#");
  return number !== undefined && from.split("#")[0] === repo ? `#${number}` : reference(issue);
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
