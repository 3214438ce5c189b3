import {
  branchDeleted,
  isHeld,
  isWithoutBranch,
  pullRequestClosed,
  pullRequestMerged,
  pullRequestReopened,
} from "../domain/branch-life.js";
import type { DomainEvent } from "../domain/events.js";
import { type Project, stepOf } from "../domain/fleet.js";
import { evaluationAsked } from "../domain/item-life.js";
import { hearing } from "../domain/people.js";
import type { Cause, Rules, Transition } from "../domain/transition.js";
import { hasPendingRun, isFinished, type WorkItem } from "../domain/work-item.js";
import { rulesOf } from "../engine/advance.js";
import { driveOutbox, meetAfterMerge } from "../engine/outbox.js";
import type { PullRequest } from "../engine/tracker.js";
import type { IntakeDeps } from "./deps.js";

/** A forge tells of a branch that was pushed to zeros where it sends no deletion. */
const NO_COMMIT = /^0+$/;

type CodeEvent = Exclude<DomainEvent, { kind: "issue" | "comment" }>;

/** Acts on what happened to code: its branches, pull requests and checks. */
export async function takeInCode(
  deps: IntakeDeps,
  project: Project,
  event: CodeEvent,
  cause: Cause,
): Promise<string> {
  switch (event.kind) {
    case "push":
      return NO_COMMIT.test(event.after)
        ? loseBranch(deps, project, event.branch, cause)
        : lookAtPush(deps, project, event, cause);
    case "checked":
      return lookAtChecks(deps, event.commit, cause);
    case "branch-deleted":
      return loseBranch(deps, project, event.branch, cause);
    case "pull-request":
      return takeInPullRequest(deps, project, event, cause);
  }
}

async function takeInPullRequest(
  deps: IntakeDeps,
  project: Project,
  event: Extract<DomainEvent, { kind: "pull-request" }>,
  cause: Cause,
): Promise<string> {
  const id = await deps.items.ofBranch(project.name, event.branch);
  switch (event.action) {
    case "merged":
      return finishMerged(deps, id, event.number, cause);
    case "closed":
      return closePullRequest(deps, project, id, event, cause);
    case "reopened": {
      const asked = await withRules(deps, id, cause, (item, rules) =>
        pullRequestReopened(item, event.number, rules, cause),
      );
      if (asked !== null) return `${asked.item.id} goes on`;
      return lookAtReviews(deps, id, cause);
    }
    default:
      return lookAtReviews(deps, id, cause);
  }
}

/** The delivery may be late: only how its pull requests are now says what became of the branch. */
async function closePullRequest(
  deps: IntakeDeps,
  project: Project,
  id: string | null,
  event: Extract<DomainEvent, { kind: "pull-request" }>,
  cause: Cause,
): Promise<string> {
  const pulls = id === null ? [] : await pullRequestsOf(deps, project, event.branch);
  const merged = pulls.find((pull) => pull.merged);
  if (merged !== undefined) return finishMerged(deps, id, merged.number, cause);
  if (pulls.some((pull) => pull.open)) return "a pull request of this branch is open";
  // A forge closes the pull requests of a branch that is deleted: people read of that alone.
  const lost = id !== null && (await hasBranch(deps, project, event.branch)) === false;
  const held = await change(deps, id, cause, (item) =>
    lost
      ? branchDeleted(item, worksOn(deps, item), cause)
      : pullRequestClosed(item, event.number, cause),
  );
  return held === null ? "no item is under way on this branch" : `${held.item.id} stands still`;
}

/**
 * People delete a branch after merging it, too, and either may be told of first. A delivery that was
 * delayed may be of a branch that is there again.
 */
async function loseBranch(
  deps: IntakeDeps,
  project: Project,
  branch: string,
  cause: Cause,
): Promise<string> {
  const id = await deps.items.ofBranch(project.name, branch);
  const pulls = id === null ? [] : await pullRequestsOf(deps, project, branch);
  const merged = pulls.find((pull) => pull.merged);
  if (merged !== undefined) return finishMerged(deps, id, merged.number, cause);
  const stands = id !== null && (await hasBranch(deps, project, branch)) === true;
  if (stands) return "the branch was made again";
  const lost = await change(deps, id, cause, (item) =>
    branchDeleted(item, worksOn(deps, item), cause),
  );
  return lost === null ? "no item is under way on this branch" : `${lost.item.id} is blocked`;
}

function worksOn(deps: IntakeDeps, item: WorkItem): boolean {
  return stepOf(deps.fleet, item)?.agent !== undefined;
}

/** Pull requests of a branch, newest first; none where there is no forge. */
export async function pullRequestsOf(
  deps: IntakeDeps,
  project: Project,
  branch: string,
): Promise<readonly PullRequest[]> {
  if (project.repo === null) return [];
  return (await deps.forgeOf(project)?.pullRequestsOf(project.repo, branch)) ?? [];
}

/** Null: there is no forge to be asked. */
async function hasBranch(
  deps: IntakeDeps,
  project: Project,
  branch: string,
): Promise<boolean | null> {
  if (project.repo === null) return null;
  return (await deps.forgeOf(project)?.hasBranch(project.repo, branch)) ?? null;
}

export async function finishMerged(
  deps: IntakeDeps,
  id: string | null,
  pullRequest: number,
  cause: Cause,
): Promise<string> {
  const merged = await withRules(deps, id, cause, (item, rules) =>
    pullRequestMerged(item, pullRequest, rules, cause),
  );
  if (id !== null) await meetAfterMerge(deps, id);
  return merged === null ? "no item is under way on this branch" : `${merged.item.id} is done`;
}

/** The new head is noted at once: its checks may be told of before anybody has looked at it. */
async function lookAtPush(
  deps: IntakeDeps,
  project: Project,
  { branch, after }: Extract<DomainEvent, { kind: "push" }>,
  cause: Cause,
): Promise<string> {
  const id = await deps.items.ofBranch(project.name, branch);
  return lookAgain(deps, id, cause, (_item, gate) => (gate === "ci-green" ? { head: after } : {}));
}

/** What is said of a commit that was replaced changes nothing. */
async function lookAtChecks(deps: IntakeDeps, commit: string, cause: Cause): Promise<string> {
  const id = await deps.items.ofCommit(commit);
  return lookAgain(deps, id, cause, (item, gate) =>
    gate === "ci-green" && item.head === commit ? {} : null,
  );
}

function lookAtReviews(deps: IntakeDeps, id: string | null, cause: Cause): Promise<string> {
  return lookAgain(deps, id, cause, (_item, gate) => (gate === "review-approved" ? {} : null));
}

/** @param learned what the event says of the item; null: it can't have changed this gate */
async function lookAgain(
  deps: IntakeDeps,
  id: string | null,
  cause: Cause,
  learned: (item: WorkItem, gate: string) => Partial<WorkItem> | null,
): Promise<string> {
  const asked = await change(deps, id, cause, (item) => {
    if (isFinished(item) || hasPendingRun(item)) return null;
    if (isHeld(item) || isWithoutBranch(item)) return null;
    const gate = stepOf(deps.fleet, item)?.gate ?? null;
    if (gate === null) return null;
    const changes = learned(item, gate);
    return changes === null ? null : evaluationAsked(item, cause.id, "webhook", cause, changes);
  });
  return asked === null ? "no gate waits for this" : `looking again at ${asked.item.id}`;
}

function withRules(
  deps: IntakeDeps,
  id: string | null,
  cause: Cause,
  decide: (item: WorkItem, rules: Rules) => Transition | null,
): Promise<Transition | null> {
  return change(deps, id, cause, (item) => {
    const rules = rulesOf(deps.fleet, item);
    return rules === null ? null : decide(item, rules);
  });
}

/** A delivery acts on an item once, ever: its job may run again when the item is elsewhere (I1). */
async function change(
  deps: IntakeDeps,
  id: string | null,
  cause: Cause,
  decide: (item: WorkItem) => Transition | null,
): Promise<Transition | null> {
  if (id === null) return null;
  const changed = await deps.items.transition(id, (item) => {
    const listening = hearing(item, cause.id);
    return listening === null ? null : decide(listening);
  });
  await driveOutbox(deps, id);
  return changed;
}
