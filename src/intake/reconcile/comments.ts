import type { CommentEvent } from "../../domain/events.js";
import { isApprover, type Project } from "../../domain/fleet.js";
import { issueKey } from "../../domain/issue.js";
import { isSaidBefore, isSaidBeforeEnd } from "../../domain/people.js";
import type { WorkItem } from "../../domain/work-item.js";
import type { ListedComment } from "../../engine/tracker.js";
import { shortened } from "../../webhooks/reading.js";
import { parseCommand } from "../commands.js";
import { inTurn, type PlaceCheck, type PlaceLook, type ReconcileDeps, recover } from "./check.js";

/** Plane lists the comments of one work item only, and allows 60 calls a minute. */
const MOST_PLANE_ITEMS = 20;

/** Commands and answers that no item has heard. */
export const commentsCheck: PlaceCheck = { name: "comments", asks: "tracker", look: lookInPlace };

async function lookInPlace(
  deps: ReconcileDeps,
  { project, items, place, tracker }: PlaceLook,
): Promise<void> {
  if (items.length === 0) return;
  const mark = `comments:${place.tracker}:${project.name}`;
  const oldest = items.map(({ createdAt }) => createdAt).sort()[0] ?? "";
  // Which of one item were seen isn't known by when those of another were.
  const paged = place.tracker === "plane";
  const since = (paged ? null : await deps.memory.get(mark)) ?? oldest;
  const asked = paged ? await planeIssues(deps, project, items) : [];
  let latest = since;
  for await (const page of tracker.commentsSince(place, since, asked)) {
    for (const comment of page) {
      deps.goOn();
      if (Date.parse(comment.updatedAt) > Date.parse(latest)) latest = comment.updatedAt;
      if (await wouldAct(deps, project, items, comment)) await told(deps, project, comment);
    }
  }
  if (!paged) await deps.memory.put(mark, latest);
}

async function planeIssues(deps: ReconcileDeps, project: Project, items: readonly WorkItem[]) {
  const own = items.filter(({ issue }) => issue.tracker === "plane");
  const turn = await inTurn(deps, `comments:${project.name}`, own, MOST_PLANE_ITEMS);
  return turn.map(({ issue }) => issue);
}

/** What the first text of an edited comment was nobody knows, and a later one isn't heard. */
async function wouldAct(
  deps: ReconcileDeps,
  project: Project,
  items: readonly WorkItem[],
  comment: ListedComment,
): Promise<boolean> {
  if (comment.own || comment.edited) return false;
  const item = await spokenOf(deps, items, comment);
  if (item === null || item.heard.includes(comment.id)) return false;
  if (isSaidBefore(comment.createdAt, item.createdAt)) return false;
  const scope = project.repo === null ? {} : { repo: project.repo };
  if (parseCommand(comment.text, scope) !== null) return isNamed(deps, comment);
  return !comment.onPullRequest && answersQuestions(item, comment);
}

/**
 * An approver may be configured by an e-mail that the list doesn't tell. Refused for want of a name,
 * the command would be spent.
 */
function isNamed({ fleet }: ReconcileDeps, { author, on }: ListedComment): boolean {
  return on.tracker === "gitea" || author.length > 1 || isApprover(fleet, author);
}

async function spokenOf(
  deps: ReconcileDeps,
  items: readonly WorkItem[],
  { on, onPullRequest }: ListedComment,
): Promise<WorkItem | null> {
  if (onPullRequest) {
    const number = on.tracker === "gitea" ? on.number : null;
    return items.find((item) => item.pullRequest?.number === number) ?? null;
  }
  const id = await deps.items.ofIssue(issueKey(on));
  return id === null ? null : deps.items.find(id);
}

/** What was said before the analyst asked answers nothing. */
function answersQuestions(item: WorkItem, { createdAt }: ListedComment): boolean {
  if (!item.questionsOpen || item.status !== "needs-input") return false;
  return !isSaidBeforeEnd(item, { at: createdAt });
}

async function told(deps: ReconcileDeps, project: Project, comment: ListedComment): Promise<void> {
  const { id, on, onPullRequest, author, createdAt, text } = comment;
  const event: CommentEvent = {
    kind: "comment",
    project: project.name,
    tracker: on.tracker,
    commentId: id,
    number: on.tracker === "gitea" ? on.number : null,
    planeId: on.tracker === "plane" ? on.id : null,
    onPullRequest,
    author,
    at: createdAt,
    text: shortened(text),
  };
  const reason = `Comment ${id} by ${author[0] ?? "somebody"} was not delivered.`;
  await recover(deps, { kind: "comment", reason }, event, [issueKey(on), id]);
}
