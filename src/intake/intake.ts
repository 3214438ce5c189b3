import type { DomainEvent, IssueEvent } from "../domain/events.js";
import { type Fleet, type Project, projectNamed } from "../domain/fleet.js";
import { cancelled, evaluationAsked } from "../domain/item-life.js";
import type { Cause, Transition } from "../domain/transition.js";
import { entering } from "../domain/transition.js";
import { hasPendingRun, isFinished, type WorkItem } from "../domain/work-item.js";
import { rulesOf } from "../engine/advance.js";
import { driveOutbox, releaseDependents } from "../engine/outbox.js";
import type { AcceptedDelivery } from "../webhooks/ports.js";
import { type IntakeDeps, keyOf } from "./deps.js";
import { hearComment } from "./hear-comment.js";
import { editIssue, startIssue } from "./start-issue.js";

/** Acts on one delivery. Doing it again changes nothing. */
export async function takeIn(deps: IntakeDeps, delivery: AcceptedDelivery): Promise<string> {
  const { event } = delivery;
  const project = projectNamed(deps.fleet, event.project);
  if (project === undefined) return `config no longer knows project ${event.project}`;
  const cause = causeOf(deps, delivery);
  switch (event.kind) {
    case "issue":
      return takeInIssue(deps, project, event, delivery, cause);
    case "comment":
      return hearComment(deps, project, event, cause);
    case "pull-request":
      return takeInPullRequest(deps, project, event, cause);
    case "push":
      return lookAgain(deps, await deps.items.ofBranch(project.name, event.branch), cause, "push");
    case "checked":
      return lookAgain(deps, await deps.items.ofCommit(event.commit), cause, "ci");
    case "branch-deleted":
      return "nothing follows from a deleted branch yet";
  }
}

async function takeInIssue(
  deps: IntakeDeps,
  project: Project,
  event: IssueEvent,
  delivery: AcceptedDelivery,
  cause: Cause,
): Promise<string> {
  const key = keyOf(project, event);
  const id = await deps.items.ofIssue(key);
  switch (event.action) {
    case "opened":
    case "assigned":
      return startsWork(project, event)
        ? startIssue(deps, project, event, delivery, cause)
        : "this project starts work when the bot is assigned";
    case "edited":
      return editIssue(deps, project, event, delivery, cause);
    case "reopened":
      if (id !== null && (await isOver(deps, id))) await deps.items.release(key);
      return event.assigned ? startIssue(deps, project, event, delivery, cause) : "not assigned";
    case "unassigned":
      if (event.assigned) return "the bot is still assigned";
      return endItem(deps, id, key, cause, "The bot was unassigned.");
    case "closed":
      await releaseDependentsOfStranger(deps, id, key);
      return endItem(deps, id, null, cause, "The issue was closed.");
    case "deleted":
      return endItem(deps, id, null, cause, "The issue was deleted.");
  }
}

/** Gitea starts by assignment alone; a Plane project says in config which of the two starts. */
function startsWork(project: Project, event: IssueEvent): boolean {
  if (!event.open) return false;
  if (event.tracker === "gitea") return event.assigned;
  return project.plane?.start === "created" ? event.action === "opened" : event.assigned;
}

async function endItem(
  deps: IntakeDeps,
  id: string | null,
  release: string | null,
  cause: Cause,
  reason: string,
): Promise<string> {
  const ended =
    id === null
      ? null
      : await deps.items.transition(id, (item) =>
          isFinished(item) ? null : cancelled(item, reason, cause),
        );
  if (release !== null) await deps.items.release(release);
  if (id === null || ended === null) return "no item is under way";
  await driveOutbox(deps, id);
  return `${id} is cancelled`;
}

/** An issue closed without ever having an item meets the edges that name it. */
async function releaseDependentsOfStranger(
  deps: IntakeDeps,
  id: string | null,
  key: string,
): Promise<void> {
  if (id === null) await releaseDependents(deps, key);
}

async function takeInPullRequest(
  deps: IntakeDeps,
  project: Project,
  event: Extract<DomainEvent, { kind: "pull-request" }>,
  cause: Cause,
): Promise<string> {
  const id = await deps.items.ofBranch(project.name, event.branch);
  if (event.action !== "merged") return lookAgain(deps, id, cause, "review");
  const merged = await change(deps, id, (item) => {
    const rules = rulesOf(deps.fleet, item);
    if (isFinished(item) || rules === null) return null;
    const reason = `Pull request #${event.number} was merged.`;
    return entering(item, "done", cause, rules, {
      reason,
      runCause: { kind: "entered", reason, artifact: null, detail: "" },
      effects: [{ kind: "discard-flow", version: item.version }],
    });
  });
  return merged === null ? "no item is under way on this branch" : `${merged.item.id} is done`;
}

/** Which gates an event can have changed. A push may change all but what a CI has to say of it. */
const CHANGES = {
  push: (gate: string) => gate !== "ci-green",
  ci: (gate: string) => gate === "ci-green",
  review: (gate: string) => gate === "review-approved",
} as const;

async function lookAgain(
  deps: IntakeDeps,
  id: string | null,
  cause: Cause,
  event: keyof typeof CHANGES,
): Promise<string> {
  const asked = await change(deps, id, (item) => {
    if (isFinished(item) || hasPendingRun(item)) return null;
    const gate = gateOf(deps.fleet, item);
    if (gate === null || !CHANGES[event](gate) || item.consumed.includes(cause.id)) return null;
    return evaluationAsked(item, cause.id, "webhook", cause);
  });
  return asked === null ? "no gate waits for this" : `looking again at ${asked.item.id}`;
}

function gateOf(fleet: Fleet, item: WorkItem): string | null {
  const steps = fleet.pipelines[item.pipeline]?.steps ?? [];
  return steps.find((step) => step.stage === item.stage)?.gate ?? null;
}

async function change(
  deps: IntakeDeps,
  id: string | null,
  decide: (item: WorkItem) => Transition | null,
): Promise<Transition | null> {
  if (id === null) return null;
  const changed = await deps.items.transition(id, decide);
  await driveOutbox(deps, id);
  return changed;
}

async function isOver(deps: IntakeDeps, id: string): Promise<boolean> {
  const item = await deps.items.find(id);
  return item !== null && isFinished(item);
}

/** Deliveries of the same content have the same fingerprint, so the same effects. */
function causeOf(deps: IntakeDeps, delivery: AcceptedDelivery): Cause {
  return {
    id: `d${delivery.fingerprint.slice(0, 16)}`,
    text: `delivery ${delivery.delivery}`,
    at: new Date(deps.clock()).toISOString(),
  };
}
