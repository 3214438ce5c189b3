import type { Effect } from "../domain/effect.js";
import type { IssueAddress, IssueKey } from "../domain/issue.js";
import type { Trigger } from "../domain/work-item.js";
import type { ParkedJob } from "./slots.js";

/** What to add to the queue for one version of an item. */
export interface FlowPlan {
  readonly item: string;
  readonly version: number;
  readonly evaluation: string;
  readonly trigger: Trigger;
  /** Null: an evaluation without a run. */
  readonly run: { readonly unmet: readonly IssueKey[] } | null;
  /** Opened before anybody works or looks; absent: none is needed. */
  readonly pullRequest?: Notification;
}

/** Carries the graph out as jobs: `advance ← gate ← run ← edges, slot, pull request`. */
export interface Flows {
  /**
   * Adding the same plan again changes nothing. True: the slot its run waits for was granted before, and its
   * job started with the flow.
   */
  add(plan: FlowPlan): Promise<boolean>;
  /** Starts a parked job; false: it isn't parked, or not yet. */
  promote(job: ParkedJob): Promise<boolean>;
  slotJob(item: string, version: number): ParkedJob;
  edgeJob(item: string, version: number, blocker: IssueKey): ParkedJob;
  runJob(item: string, version: number): ParkedJob;
  /** Sees to it that slots are admitted at this moment, ms since epoch. Again: the same. */
  wakeAt(moment: number): Promise<void>;
  /** Removes what waits of a version that was replaced; jobs under way end by themselves. */
  discard(item: string, version: number): Promise<void>;
}

/** Effects that people and trackers see; they travel through queue `notifications`. */
export type OutboundEffect =
  | Extract<
      Effect,
      {
        readonly kind:
          | "comment"
          | "reaction"
          | "status-comment"
          | "tracker-state"
          | "notification"
          | "merge"
          | "close-issue";
      }
    >
  /** Opens the branch's pull request if none is open; part of a version's flow. */
  | { readonly id: string; readonly kind: "pull-request" };

export interface Notification {
  readonly address: IssueAddress;
  readonly project: string;
  /** Null: about an issue that has no item. */
  readonly item: string | null;
  readonly effect: OutboundEffect;
}

/** Queues what is to be told; adding the same effect again changes nothing. */
export interface Notifications {
  add(notification: Notification): Promise<void>;
}
