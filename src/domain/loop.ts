import type { IssueKey } from "./issue.js";

/** Issues each of which waits for the next, and the last one for the first. */
export type Loop = readonly IssueKey[];

/** One name for a loop, from whichever issue on it is read; no tracker's key has a space. */
export function loopName(loop: Loop): string {
  return from(loop, [...loop].sort()[0] ?? "").join(" ");
}

/** The loop read from this issue on. */
export function from(loop: Loop, issue: IssueKey): Loop {
  const first = Math.max(0, loop.indexOf(issue));
  return [...loop.slice(first), ...loop.slice(0, first)];
}

/** Does `dependent` wait for `blocker` on it? */
export function hasEdge(loop: Loop, dependent: IssueKey, blocker: IssueKey): boolean {
  const at = loop.indexOf(dependent);
  return at !== -1 && loop[(at + 1) % loop.length] === blocker;
}
