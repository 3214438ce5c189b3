/** What the reconciler found missed, by what it is about. */
export const RECOVERIES = [
  "issue-started",
  "issue-edited",
  "issue-ended",
  "issue-reopened",
  "comment",
  "push",
  "checks",
  "review",
  "pull-request",
  "branch",
  "flow",
  "ready",
  "slot",
  "failed-job",
  "hook",
] as const;
export type RecoveryKind = (typeof RECOVERIES)[number];

/** Something that took no effect when it happened, and does now. */
export interface Recovery {
  readonly kind: RecoveryKind;
  /** One sentence a person can read. */
  readonly reason: string;
}
