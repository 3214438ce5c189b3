import type { IssueAction } from "../../domain/events.js";
import type { Project } from "../../domain/fleet.js";
import { issueKey } from "../../domain/issue.js";
import type { Recovery } from "../../domain/recovery.js";
import { isFinished, type WorkItem } from "../../domain/work-item.js";
import type { ListedIssue, TrackerIssue, TrackerPlace } from "../../engine/tracker.js";
import { missingForAdmission } from "../qg0.js";
import { taskOf } from "../start-issue.js";
import { inTurn, type PlaceCheck, type PlaceLook, type ReconcileDeps, recover } from "./check.js";

/** Issues that aren't in the list are read one by one, so many in one round. */
const MOST_READ = 100;

/** Issues that no item carries, and items whose issue isn't what they know of it. */
export const issuesCheck: PlaceCheck = { name: "issues", asks: "tracker", look: lookInPlace };

async function lookInPlace(
  deps: ReconcileDeps,
  { project, items, place, tracker }: PlaceLook,
): Promise<void> {
  const registered = await registeredAt(deps, place);
  const listed = new Set<string>();
  for await (const page of tracker.openIssues(place)) {
    for (const issue of page) {
      deps.goOn();
      listed.add(issueKey(issue.address));
      await compare(deps, project, issue, registered);
    }
  }
  const unlisted = items
    .filter((item) => isIn(item, place))
    .filter((item) => !listed.has(issueKey(item.issue)));
  for (const item of await inTurn(deps, `issues:${project.name}`, unlisted, MOST_READ)) {
    deps.goOn();
    await compareUnlisted(deps, project, item, await tracker.readIssue(item.issue));
  }
}

/** An issue of a repository that the project had before isn't asked for: that list says nothing of it. */
function isIn({ issue }: WorkItem, place: TrackerPlace): boolean {
  if (issue.tracker === "gitea") {
    return place.tracker === "gitea" && issue.repo.toLowerCase() === place.repo.toLowerCase();
  }
  return place.tracker === "plane" && issue.project === place.project;
}

/**
 * Nothing that was in a Plane project before it was configured starts by itself. Its tracker doesn't
 * know when that was: it is when a round first saw it.
 */
async function registeredAt({ memory, clock }: ReconcileDeps, place: TrackerPlace) {
  if (place.tracker === "gitea") return null;
  const now = new Date(clock()).toISOString();
  return memory.first(`registered:${place.workspace}/${place.project}`, now);
}

async function compare(
  deps: ReconcileDeps,
  project: Project,
  issue: ListedIssue,
  registered: string | null,
): Promise<void> {
  const id = await deps.items.ofIssue(issueKey(issue.address));
  const item = id === null ? null : await deps.items.find(id);
  // An item that ended long ago is kept no more, and its issue isn't taken on again by itself.
  if (item === null && (await deps.items.removed(issueKey(issue.address)))) return;
  if (item === null) return compareWithoutItem(deps, project, issue, registered);
  if (isFinished(item)) return compareFinished(deps, project, issue, item);
  const task = await deps.items.task(item.id);
  // Plane's deliveries say nothing of the address, its lists do.
  const same = [issue, { ...issue, url: null }].some((one) => taskOf(one) === task);
  if (!same) await told(deps, project, issue, "edited", `The edit of ${item.id}'s issue`);
}

async function compareWithoutItem(
  deps: ReconcileDeps,
  project: Project,
  issue: ListedIssue,
  registered: string | null,
): Promise<void> {
  const plane = issue.address.tracker === "plane";
  if (await deps.refusals.has(issueKey(issue.address))) {
    if (missingForAdmission(issue).length > 0) return;
    return told(deps, project, issue, "edited", "The edit of an issue that was refused");
  }
  if (plane && project.plane?.start === "created") {
    if (registered === null || Date.parse(issue.createdAt) <= Date.parse(registered)) return;
    return told(deps, project, issue, "opened", "The creation of a work item");
  }
  if (issue.assigned) await told(deps, project, issue, "assigned", "The bot's assignment");
}

/** Plane knows no reopening. An item that was ended otherwise than by its issue's end stays ended. */
async function compareFinished(
  deps: ReconcileDeps,
  project: Project,
  issue: ListedIssue,
  item: WorkItem,
): Promise<void> {
  if (issue.address.tracker === "plane" || !issue.assigned) return;
  const ended = await deps.endings.last(issueKey(issue.address));
  if (ended === null || Date.parse(ended) <= Date.parse(item.issueUpdatedAt)) return;
  await told(deps, project, issue, "reopened", `The reopening of ${item.id}'s issue`);
}

async function compareUnlisted(
  deps: ReconcileDeps,
  project: Project,
  item: WorkItem,
  issue: TrackerIssue | null,
): Promise<void> {
  const last = { ...lastKnown(item), open: false, assigned: false };
  if (issue === null) {
    return told(deps, project, last, "deleted", `The deletion of ${item.id}'s issue`);
  }
  if (!issue.open) return told(deps, project, issue, "closed", `The closing of ${item.id}'s issue`);
  const byAssignment = issue.address.tracker === "gitea" || project.plane?.start === "assigned";
  if (issue.assigned || !byAssignment) return;
  await told(deps, project, issue, "unassigned", `The end of ${item.id}'s assignment`);
}

function lastKnown({ issue, order, title, url, issueUpdatedAt }: WorkItem): TrackerIssue {
  const known = { order, title, url, updatedAt: issueUpdatedAt };
  return { ...known, address: issue, text: "", open: true, assigned: true };
}

const KINDS: Readonly<Record<IssueAction, Recovery["kind"]>> = {
  opened: "issue-started",
  assigned: "issue-started",
  edited: "issue-edited",
  unassigned: "issue-ended",
  closed: "issue-ended",
  deleted: "issue-ended",
  reopened: "issue-reopened",
};

async function told(
  deps: ReconcileDeps,
  project: Project,
  issue: TrackerIssue,
  action: IssueAction,
  what: string,
): Promise<void> {
  const { address, order, title, url, assigned, open, updatedAt } = issue;
  const event = {
    kind: "issue" as const,
    project: project.name,
    tracker: address.tracker,
    action,
    number: order,
    planeId: address.tracker === "plane" ? address.id : null,
    ...{ title, url, assigned, open, updatedAt },
  };
  const recovery = { kind: KINDS[action], reason: `${what} was not delivered.` };
  await recover(deps, recovery, event, [issueKey(address), action, updatedAt]);
}
