import type { Project } from "../domain/fleet.js";
import { giteaIssueKey, type IssueKey, planeIssueKey } from "../domain/issue.js";
import type { Locks } from "../engine/locks.js";
import type { OutboxDeps } from "../engine/outbox.js";
import type { Forge, Tracker } from "../engine/tracker.js";
import type { MetadataContext, ParsedMetadata } from "./metadata/parser.js";

/** What edges need of the world: a tracker says what blocks an issue, and whether that is open. */
export interface EdgeDeps extends OutboxDeps {
  readonly locks: Locks;
  readonly tracker: (issue: "gitea" | "plane") => Tracker | null;
}

/** What intake needs of the world. */
export interface IntakeDeps extends EdgeDeps {
  readonly refusals: Refusals;
  readonly endings: Endings;
  readonly forgeOf: (project: Project) => Forge | null;
  /** Never throws for what a text says: falls back to what was found. */
  readonly parseMetadata: (text: string, context: MetadataContext) => Promise<ParsedMetadata>;
  /** The stored body of a delivery; null once it is gone. */
  readonly bodyOf: (fingerprint: string) => Promise<string | null>;
}

/** Issues that were refused at admission: only these are tried again when they are edited. */
export interface Refusals {
  note(issue: IssueKey): Promise<void>;
  has(issue: IssueKey): Promise<boolean>;
  forget(issue: IssueKey): Promise<void>;
}

/**
 * When an issue was last seen unassigned, closed, deleted, or edited without an item, by its tracker's
 * time. No item says so (any more), and a late delivery must neither start another nor bring old text.
 */
export interface Endings {
  note(issue: IssueKey, updatedAt: string): Promise<void>;
  /** Null: never, or too long ago for a delivery to be that late. */
  last(issue: IssueKey): Promise<string | null>;
}

/** The key under which a project's issue is known. */
export function keyOf(
  project: Project,
  event: { readonly number: number | null; readonly planeId: string | null },
): string {
  if (event.planeId !== null) return planeIssueKey(project.plane?.project ?? "", event.planeId);
  return giteaIssueKey(project.repo ?? "", event.number ?? 0);
}
