import type { Trigger } from "./work-item.js";

/** States shown on a Plane board; config maps them to the project's own names. */
export type TrackerState = "In Progress" | "In Review" | "Needs Input" | "Blocked" | "Done";

/**
 * What a transition still owes the world. Stored with the transition, carried out under its id and
 * struck off; carrying one out twice must change nothing (SPEC §5, "One transition, once").
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
  | { readonly kind: "comment"; readonly body: string }
  /** The one status comment, brought up to date. */
  | { readonly kind: "status-comment" }
  | { readonly kind: "tracker-state"; readonly state: TrackerState }
  | { readonly kind: "notification"; readonly text: string }
  /** Opens the branch's pull request if none is open. */
  | { readonly kind: "pull-request" }
  /** Gives the slot back and admits who waits. */
  | { readonly kind: "release-slot"; readonly version: number }
  /** Removes what waits of a version that was cancelled or replaced, its slot included. */
  | { readonly kind: "discard-flow"; readonly version: number }
  /** Meets the edges of the item's dependents. */
  | { readonly kind: "meet-dependents" };
