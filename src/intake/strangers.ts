import type { Fleet } from "../domain/fleet.js";
import { heldUp, type NewHold } from "../domain/hold.js";
import type { IssueAddress, IssueKey } from "../domain/issue.js";
import { unreadId } from "../engine/blocker-holds.js";
import { driveOutbox } from "../engine/outbox.js";
import { TrackerError } from "../engine/tracker.js";
import { linkTo } from "../engine/why.js";
import { nameOf, releaseOf } from "../engine/why-words.js";
import type { EdgeDeps } from "./deps.js";

/** How a blocker that nobody carries is, as its tracker says. */
export type Stranger =
  | { readonly kind: "open" | "closed" | "missing" }
  /** `passing`: asking again may help, if it comes to that not before `retryAfterMs`. */
  | {
      readonly kind: "unread";
      readonly why: string;
      readonly passing: boolean;
      readonly retryAfterMs?: number | null;
    };

/** A blocker that nobody carries is asked after again this late, then twice as late each time, in ms. */
export const ASK_AFTER_MS = 60_000;

/** The blocker in the graph's agenda. */
export function strangerEntry(blocker: IssueKey): string {
  return `stranger ${blocker}`;
}

/** Null: an item carries it, or did long ago and met it. */
export async function strangerNow(deps: EdgeDeps, blocker: IssueKey): Promise<Stranger | null> {
  const id = await deps.items.ofIssue(blocker);
  if (id !== null && (await deps.items.find(id)) !== null) return null;
  if (id !== null && (await deps.items.removed(blocker)) && (await deps.graph.isMet(blocker))) {
    return null;
  }
  const address = addressIn(deps.fleet, blocker);
  if (address === null) {
    return { kind: "unread", why: "its repository is not configured here", passing: false };
  }
  const tracker = deps.tracker(address.tracker);
  if (tracker === null) return { kind: "unread", why: "no tracker can be asked", passing: false };
  try {
    const issue = await tracker.readIssue(address);
    if (issue === null) return { kind: "missing" };
    return { kind: issue.open ? "open" : "closed" };
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    const status = error.status === null ? "does not answer" : `answers ${error.status}`;
    const { retryable: passing, retryAfterMs } = error;
    return { kind: "unread", why: `its tracker ${status}`, passing, retryAfterMs };
  }
}

/** Where an issue of a configured project is; null: it is of none. */
function addressIn(fleet: Fleet, issue: IssueKey): IssueAddress | null {
  const [, owner = "", digits = ""] = /^gitea:([^#]+)#(\d+)$/.exec(issue) ?? [];
  const [, planeProject = "", id = ""] = /^plane:([^/]+)\/(.+)$/.exec(issue) ?? [];
  for (const { repo, plane } of fleet.projects) {
    if (repo !== null && repo.toLowerCase() === owner) {
      return { tracker: "gitea", repo, number: Number(digits) };
    }
    if (plane !== null && plane.project === planeProject) {
      return { tracker: "plane", workspace: plane.workspace, project: plane.project, id };
    }
  }
  return null;
}

/** Says on a dependent, once for as long as it is so, that a blocker can't be read or doesn't exist. */
export async function tellOfStranger(
  deps: EdgeDeps,
  dependent: IssueKey,
  blocker: IssueKey,
  stranger: Stranger | null,
): Promise<void> {
  const id = await deps.items.ofIssue(dependent);
  const itself = id === null ? null : await linkTo(deps.items, dependent);
  if (id === null || itself?.item == null) return;
  const link = { issue: blocker, item: null, title: null, stage: null, status: null, reason: "" };
  const name = nameOf(link);
  const [, without = ""] = releaseOf({ links: [itself, link], loop: false });
  const found = holdOf(stranger, { blocker, name, without });
  const gone =
    stranger?.kind === "unread" ? [] : [{ id: unreadId(blocker), comment: null } as const];
  const at = new Date(deps.clock()).toISOString();
  await deps.items.transition(id, (item) => heldUp(item, { found, gone }, at));
  await driveOutbox(deps, id);
}

function holdOf(
  stranger: Stranger | null,
  { blocker, name, without }: { blocker: IssueKey; name: string; without: string },
): NewHold[] {
  if (stranger?.kind === "missing") {
    const comment = `**${name}, which is named as a blocker, does not exist.** It is ignored.`;
    return [{ id: `missing ${blocker}`, reason: null, comment, notification: null }];
  }
  if (stranger?.kind !== "unread") return [];
  const reason = `Waits for ${name}, which can't be read: ${stranger.why}.`;
  const comment = `**${reason}** It is asked again by itself. ${without}`;
  return [
    // What passes by itself is worth no comment; the status says it.
    {
      id: unreadId(blocker),
      reason,
      comment: stranger.passing ? null : comment,
      notification: null,
    },
  ];
}
