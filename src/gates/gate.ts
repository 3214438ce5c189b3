import type { Project } from "../domain/fleet.js";
import type { Sha, Verdict } from "../domain/verdict.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Forge } from "../engine/tracker.js";
import type { CommitView } from "../engine/workspace.js";

/** All a gate may look at. It decides about `commit`, the branch head, and writes nothing. */
export interface GateContext {
  readonly item: WorkItem;
  readonly project: Project;
  readonly commit: Sha;
  /** The item's artifacts at `commit`. */
  readonly artifacts: Artifacts;
  readonly view: CommitView;
  /** Null: the project has no forge. */
  readonly forge: Forge | null;
  /** Runs a command in a fresh checkout of `commit`, supervised; output is the capped tail. */
  readonly runCommand: (
    command: readonly string[],
    timeoutMinutes: number,
  ) => Promise<CommandResult>;
}

export interface Artifacts {
  /** Null: absent. Names are relative to the item's folder. */
  read(name: string): Promise<string | null>;
  /** Files below a folder of the item's, as names. */
  list(folder: string): Promise<readonly string[]>;
  /**
   * Does this artifact count: did the run of this version write it, or a person's commit change it
   * since the item entered the stage?
   */
  counts(name: string): Promise<boolean>;
}

export interface CommandResult {
  /** Null: it was stopped. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** Why it could not be started at all; null: it was. */
  readonly unstartable: string | null;
  /** The last lines of its output, at most 4 KB. */
  readonly tail: string;
}

/** One check. A tracker's or git's error is thrown and retried: never a pass, never a fallback. */
export type Gate = (context: GateContext) => Promise<Verdict>;
