import type { Effect } from "../domain/effect.js";
import type { IssueKey } from "../domain/issue.js";
import type { RunRecord } from "../domain/run.js";
import type { Transition } from "../domain/transition.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";

/** Where work items live. Reads for pages and API, one way to write: the transition. */
export interface WorkItems extends ReadWorkItems {
  /**
   * Reserves an id for an issue from the project's counter, or returns the one it has. Calling it
   * again, from anywhere, gives the same answer until `release`.
   */
  reserve(issue: IssueKey, prefix: string): Promise<string>;
  /** Lets the next `reserve` give a new id: the bot was seen absent, or the issue was reopened. */
  release(issue: IssueKey): Promise<void>;
  /** Had the issue an item that ended so long ago that it is kept no more? Until `release`. */
  removed(issue: IssueKey): Promise<boolean>;
  /** Stores a new item with its task text, history and effects; false: it was there already. */
  create(transition: Transition, task: string): Promise<boolean>;
  /**
   * Reads the item, lets `change` decide, and writes item, history, effects and outbox in one script
   * if nobody wrote in between; else reads again. `change` must be pure; null: nothing to do.
   * Returns what was written, or null if `change` declined or there is no such item. `seen`: as `find`
   * returned it; it isn't read again unless somebody wrote since.
   */
  transition(
    id: string,
    change: (item: WorkItem) => Transition | null,
    seen?: WorkItem,
  ): Promise<Transition | null>;
  /** Title, body and link for `00-task.md` and prompts. */
  task(id: string): Promise<string>;
  updateTask(id: string, task: string): Promise<void>;
  /** Effects still owed, in order. */
  owed(id: string): Promise<readonly Effect[]>;
  /** Strikes one off, and says how many are left; striking the last takes the item out of the outbox. */
  strikeOff(id: string, effect: Effect): Promise<number>;
  /** Items whose effects have been owed since before `before` (ms since epoch), oldest first. */
  inOutbox(before: number, limit: number): Promise<readonly string[]>;
}

export interface ReadWorkItems {
  find(id: string): Promise<WorkItem | null>;
  /** The item an issue has, finished or not. */
  ofIssue(issue: IssueKey): Promise<string | null>;
  ofBranch(project: string, branch: string): Promise<string | null>;
  ofCommit(commit: string): Promise<string | null>;
  /** Newest first; `cursor` from the previous page's `next`. */
  list(page: { limit: number; cursor: string | null }): Promise<{
    readonly items: readonly WorkItem[];
    readonly next: string | null;
  }>;
  /** Oldest first. */
  history(id: string): Promise<readonly HistoryEntry[]>;
  /** Oldest first. */
  runs(id: string): Promise<readonly RunRecord[]>;
  /** Issue keys of blockers not met. */
  waitingOn(id: string): Promise<readonly IssueKey[]>;
}
