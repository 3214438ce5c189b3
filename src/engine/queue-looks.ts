import type { DomainEvent } from "../domain/events.js";
import type { Notification } from "./flows.js";

/** `parked`: until somebody promotes it. `later`: until a time, or the queue's own retry. */
export type JobState =
  | "absent"
  | "parked"
  | "later"
  | "waiting"
  | "children"
  | "active"
  | "completed"
  | "failed";

/** How the jobs of one version stand; those after its run are of the evaluation asked for. */
export interface FlowState {
  readonly slot: JobState;
  readonly run: JobState;
  readonly gate: JobState;
  readonly advance: JobState;
  /** What the run waits for as the queue has it, while its state is `children`: by the jobs' states. */
  readonly waitsFor: readonly JobState[];
}

/** A job that nobody tries again by itself. */
export interface FailedJob {
  readonly queue: string;
  readonly id: string;
  /** Ms since epoch. */
  readonly at: number;
  readonly reason: string;
  readonly item: string | null;
  readonly version: number | null;
  /** Of evaluations only. */
  readonly evaluation: string | null;
  readonly notification: Notification | null;
  readonly event: DomainEvent | null;
}

/** What the queue knows of jobs; looking changes nothing. */
export interface QueueLooks {
  flow(item: string, version: number, evaluation: string): Promise<FlowState>;
  /**
   * Is there a job that is to merge the item's pull request, or one that failed? Also where there are
   * too many jobs to look through.
   */
  hasMerge(item: string): Promise<boolean>;
  /** Newest first, at most `limit` of each queue. */
  failed(limit: number): Promise<readonly FailedJob[]>;
}
