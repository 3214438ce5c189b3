import { acknowledgedIsTakenIn } from "./acknowledged-is-taken-in.js";
import { approvedFirst } from "./approved-first.js";
import { blockersFirst } from "./blockers-first.js";
import { definedStates } from "./defined-states.js";
import { endsAreHeeded } from "./ends-are-heeded.js";
import { everyIssueEnds } from "./every-issue-ends.js";
import { failedByTheirAgents } from "./failed-by-their-agents.js";
import { fenceHolds } from "./fence-holds.js";
import type { Invariant } from "./invariant.js";
import { legalMoves } from "./legal-moves.js";
import { mergedOnce } from "./merged-once.js";
import { noJobStuck } from "./no-job-stuck.js";
import { noOrphanProcess } from "./no-orphan-process.js";
import { nobodyToldTwice } from "./nobody-told-twice.js";
import { nothingHeld } from "./nothing-held.js";
import { oneFinishedRun } from "./one-finished-run.js";
import { oneItemAnIssue } from "./one-item-an-issue.js";
import { onePullRequest } from "./one-pull-request.js";
import { withinLimits } from "./within-limits.js";
import { workIsOnTheRemote } from "./work-is-on-the-remote.js";

/** In the order in which the verdict lists them. */
export const INVARIANTS: readonly Invariant[] = [
  acknowledgedIsTakenIn,
  everyIssueEnds,
  oneItemAnIssue,
  definedStates,
  legalMoves,
  blockersFirst,
  oneFinishedRun,
  workIsOnTheRemote,
  onePullRequest,
  nobodyToldTwice,
  noOrphanProcess,
  noJobStuck,
  nothingHeld,
  withinLimits,
  approvedFirst,
  mergedOnce,
  fenceHolds,
  endsAreHeeded,
  failedByTheirAgents,
];
