import type { IssueKey } from "../domain/issue.js";
import type { Loop } from "../domain/loop.js";

/** `dependent` is blocked by `blocker`. */
export interface Edge {
  readonly dependent: IssueKey;
  readonly blocker: IssueKey;
}

/** Who says that an edge is there: the text of an issue, or what its tracker knows of it. */
export interface EdgeSource {
  readonly by: "text" | "tracker";
  readonly issue: IssueKey;
}

/** Which issue waits for which; the truth that flows carry out. */
export interface DependencyGraph {
  /**
   * Makes these the edges that `source` states, in place of those it stated before. An edge is one,
   * however often and from whichever end it is stated, and stands while any source states it.
   */
  state(source: EdgeSource, edges: readonly Edge[]): Promise<void>;
  stated(source: EdgeSource): Promise<readonly Edge[]>;
  /** What held a dependent up until this source took it back; kept until it is `noted`. */
  vanished(source: EdgeSource): Promise<readonly Edge[]>;
  /** The dependents of these vanished edges were let go. */
  noted(source: EdgeSource, vanished: readonly Edge[]): Promise<void>;
  /** What began to hold a dependent up when this source stated it; kept until it is `seen`. */
  appeared(source: EdgeSource): Promise<readonly Edge[]>;
  /** The dependents of these edges wait, and know it. */
  seen(source: EdgeSource, appeared: readonly Edge[]): Promise<void>;
  /**
   * Takes the edge away for good: stating it again, from either end, brings it back no more. Again:
   * the same.
   */
  waive(dependent: IssueKey, blocker: IssueKey): Promise<void>;
  /** Blockers whose edges were taken away. */
  waived(dependent: IssueKey): Promise<readonly IssueKey[]>;
  unmet(dependent: IssueKey): Promise<readonly IssueKey[]>;
  /** All it was to wait for, met or not, without what was waived. */
  blockers(dependent: IssueKey): Promise<readonly IssueKey[]>;
  /** Who was to wait for it, met or not. */
  dependents(blocker: IssueKey): Promise<readonly IssueKey[]>;
  /** The issue is open (again): who states an edge to it from here on waits. */
  reopen(blocker: IssueKey): Promise<void>;
  isMet(blocker: IssueKey): Promise<boolean>;
  /** Marks the blocker as met and returns the dependents it had. Again: the same answer. */
  meet(blocker: IssueKey): Promise<readonly IssueKey[]>;
  readonly loops: Loops;
  readonly agenda: Agenda;
}

/** Edges that close on themselves. */
export interface Loops {
  /** A short loop that begins with this issue; null: it stands on none. Looks at what it must only. */
  through(issue: IssueKey): Promise<Loop | null>;
  /** All who stand on a loop with this issue, itself included. */
  entangled(issue: IssueKey): Promise<readonly IssueKey[]>;
  /** Does each of its edges still hold? */
  stands(loop: Loop): Promise<boolean>;
  /** Remembers that people are told of it. Again, from whichever issue on: the same. */
  note(loop: Loop): Promise<void>;
  /** Those that were noted and lead through this issue. */
  notedThrough(issue: IssueKey): Promise<readonly Loop[]>;
  forget(loop: Loop): Promise<void>;
}

/** What is to be looked at again, and when. */
export interface Agenda {
  /** Keeps the time it has; `at` in ms since epoch. */
  add(entry: string, at: number): Promise<void>;
  /** The entries that are due, the longest due first. */
  due(now: number, limit: number): Promise<readonly string[]>;
  putOff(entry: string, at: number): Promise<void>;
  /** Counts one more look at it, and says how many there were since it was added. */
  countLook(entry: string): Promise<number>;
  drop(entry: string): Promise<void>;
}
