import type { IssueEvent } from "../domain/events.js";
import type { Project } from "../domain/fleet.js";
import { type IssueAddress, issueKey } from "../domain/issue.js";
import type { IntakeDeps } from "./deps.js";

/** What an issue says at this moment, from the delivery or, if that is gone or old, its tracker. */
export interface IssueNow {
  readonly address: IssueAddress;
  readonly order: number;
  readonly title: string;
  readonly url: string | null;
  readonly text: string;
  readonly open: boolean;
  /** Is the bot among the assignees? */
  readonly assigned: boolean;
  readonly updatedAt: string;
}

/** What a delivery says of an issue; text null: its body is gone. */
interface Told {
  readonly event: IssueEvent;
  readonly text: string | null;
}

/**
 * Deliveries come in any order and more than once: one that isn't newer than what is `known` (the
 * tracker's time of it; null: nothing) doesn't say how the issue is now, so the tracker is asked.
 * Trackers' times may be whole seconds: the same time isn't newer.
 */
export async function issueNow(
  deps: IntakeDeps,
  project: Project,
  { event, text }: Told,
  known: string | null,
): Promise<IssueNow> {
  const address = addressOf(project, event);
  const said = { ...event, address, order: event.number };
  const tracker = deps.tracker(event.tracker);
  const newer = known === null || Date.parse(event.updatedAt) > Date.parse(known);
  // What ends an item is never believed of a delivery alone: it may have been undone since.
  const ends = event.action === "unassigned" || event.action === "closed";
  const believed = (newer && !ends) || tracker === null;
  if (text !== null && believed) return { ...said, text };
  if (tracker === null) throw new Error(`nobody can be asked what ${issueKey(address)} says`);
  const issue = await tracker.readIssue(address);
  return issue ?? { ...said, text: "", open: false, assigned: false };
}

function addressOf(project: Project, event: IssueEvent): IssueAddress {
  if (event.planeId !== null && project.plane !== null) {
    const { workspace, project: planeProject } = project.plane;
    return { tracker: "plane", workspace, project: planeProject, id: event.planeId };
  }
  return { tracker: "gitea", repo: project.repo ?? "", number: event.number };
}
