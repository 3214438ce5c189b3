import type { GrantedBudget } from "./budget.js";
import type { IssueAddress, IssueKey, TrackerName } from "./issue.js";
import type { TrackerState } from "./tracker-state.js";
import type { Trigger } from "./work-item.js";

export type { TrackerState } from "./tracker-state.js";

/**
 * What a transition still owes the world. Stored with the transition, carried out under its id and
 * struck off; carrying one out twice must change nothing.
 */
export type Effect = { readonly id: string } & EffectKind;

export type EffectKind =
  /** Adds the flow of `version`: with its run, or an evaluation of the gate alone. */
  | {
      readonly kind: "flow";
      readonly version: number;
      readonly evaluation: string;
      readonly trigger: Trigger;
      readonly run: boolean;
    }
  /** A new comment on the issue, where a person must act or is told an end. Markdown. */
  | { readonly kind: "comment"; readonly body: string; readonly place?: IssueAddress | undefined }
  /** Signs a person's comment; `otherwise` is said in words where the tracker has no signs. */
  | {
      readonly kind: "reaction";
      readonly comment: string;
      readonly reaction: "seen" | "looking" | "refused";
      readonly otherwise: string | null;
      /** Where the comment stands; absent: on the item's issue. */
      readonly place?: IssueAddress | undefined;
    }
  /** The one status comment, brought up to date. */
  | { readonly kind: "status-comment" }
  | { readonly kind: "tracker-state"; readonly state: TrackerState }
  | { readonly kind: "notification"; readonly text: string }
  /** Merges the pull request at the commit that passed. */
  | { readonly kind: "merge" }
  | { readonly kind: "close-issue" }
  /** Gives the slot back, which this run occupied, and admits who waits. */
  | { readonly kind: "release-slot"; readonly version: number; readonly run?: string | undefined }
  /** Removes what waits of a version that was cancelled or replaced, its slot included. */
  | { readonly kind: "discard-flow"; readonly version: number }
  /** Takes away the edge to this blocker for good. */
  | { readonly kind: "waive-edge"; readonly blocker: IssueKey }
  /** Adds to what may be spent on this UTC day. `project` null: by the whole fleet. */
  | {
      readonly kind: "raise-day-budget";
      readonly day: string;
      readonly project: string | null;
      readonly granted: GrantedBudget;
    }
  /** Meets the edges of the item's dependents. */
  | { readonly kind: "meet-dependents" }
  /** Lets the item's dependents know that it came to a stop, or goes on. */
  | { readonly kind: "tell-dependents" };

/** Gitea has no board to move an issue on, and Plane no comment that is edited in place. */
export function isHeard(tracker: TrackerName, { kind }: { readonly kind: string }): boolean {
  return kind !== (tracker === "gitea" ? "tracker-state" : "status-comment");
}

/** What the tracker has no place for isn't owed. */
export function heardBy(tracker: TrackerName, effects: readonly Effect[]): readonly Effect[] {
  return effects.filter((effect) => isHeard(tracker, effect));
}
