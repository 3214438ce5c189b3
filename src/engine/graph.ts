import type { IssueKey } from "../domain/issue.js";

/** Which issue waits for which; the truth that flows carry out. */
export interface DependencyGraph {
  /** Adds `dependent blocked_by blocker` edges; stating one twice, or from both ends, is one edge. */
  declare(dependent: IssueKey, blockers: readonly IssueKey[]): Promise<void>;
  /**
   * Takes the edge away for good: stating it again, from either end, brings it back no more. Again:
   * the same.
   */
  waive(dependent: IssueKey, blocker: IssueKey): Promise<void>;
  /** Blockers whose edges were taken away. */
  waived(dependent: IssueKey): Promise<readonly IssueKey[]>;
  unmet(dependent: IssueKey): Promise<readonly IssueKey[]>;
  /** The issue is open (again): who declares an edge to it from here on waits. */
  reopen(blocker: IssueKey): Promise<void>;
  /** Marks the blocker as met and returns the dependents it had. Again: the same answer. */
  meet(blocker: IssueKey): Promise<readonly IssueKey[]>;
}
