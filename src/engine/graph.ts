import type { IssueKey } from "../domain/issue.js";

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
  /**
   * Takes the edge away for good: stating it again, from either end, brings it back no more. Again:
   * the same.
   */
  waive(dependent: IssueKey, blocker: IssueKey): Promise<void>;
  /** Blockers whose edges were taken away. */
  waived(dependent: IssueKey): Promise<readonly IssueKey[]>;
  unmet(dependent: IssueKey): Promise<readonly IssueKey[]>;
  /** The issue is open (again): who states an edge to it from here on waits. */
  reopen(blocker: IssueKey): Promise<void>;
  /** Marks the blocker as met and returns the dependents it had. Again: the same answer. */
  meet(blocker: IssueKey): Promise<readonly IssueKey[]>;
}
