import type { Speaker } from "../domain/answers.js";
import type { CommentEvent } from "../domain/events.js";
import { isApprover, type Project } from "../domain/fleet.js";
import type { IssueAddress } from "../domain/issue.js";
import { hearing, questionsAnswered } from "../domain/people.js";
import type { Cause, Rules, Transition } from "../domain/transition.js";
import type { WorkItem } from "../domain/work-item.js";
import { rulesOf } from "../engine/advance.js";
import { driveOutbox } from "../engine/outbox.js";
import { parseCommand } from "./commands.js";
import { type IntakeDeps, keyOf } from "./deps.js";
import { obey } from "./obey.js";
import { orderOf } from "./order.js";

/** Acts on a comment once, ever: a command of an approver, or an answer to the analyst's questions. */
export async function hearComment(
  deps: IntakeDeps,
  project: Project,
  event: CommentEvent,
  delivered: Cause,
): Promise<string> {
  const command = parseCommand(event.text, project.repo === null ? {} : { repo: project.repo });
  if (event.onPullRequest && command === null) return "only commands are heard on a pull request";
  const id = await spokenOf(deps, project, event);
  if (id === null) return "there is no item to speak of";
  const speaker = speakerOf(project, event);
  const cause = {
    ...delivered,
    id: `c${event.commentId}`,
    text: `comment ${event.commentId} by ${speaker.name}`,
  };
  const allowed = isApprover(deps.fleet, event.author);
  const order = command === null ? null : await orderOf(deps, id, command, speaker, allowed);
  const heard = await deps.items.transition(id, (item) => {
    const listening = hearing(item, event.commentId);
    const rules = rulesOf(deps.fleet, item);
    if (listening === null || rules === null) return null;
    return order === null
      ? hearAnswer(listening, speaker, event.text, rules, cause)
      : obey(listening, order, rules, cause);
  });
  await driveOutbox(deps, id);
  return heard === null ? "nothing follows from this comment" : `${id} heard ${speaker.name}`;
}

/** The item of the issue, or of the branch whose pull request is spoken of. */
async function spokenOf(
  deps: IntakeDeps,
  project: Project,
  event: CommentEvent,
): Promise<string | null> {
  if (!event.onPullRequest) return deps.items.ofIssue(keyOf(project, event));
  const forge = deps.forgeOf(project);
  if (forge === null || project.repo === null || event.number === null) return null;
  const pull = await forge.pullRequest(project.repo, event.number);
  // A fork may name its branch like one of ours.
  if (pull === null || pull.fromFork) return null;
  return deps.items.ofBranch(project.name, pull.branch);
}

/** People are answered where they spoke. */
function speakerOf(project: Project, event: CommentEvent): Speaker {
  const { commentId, author, at } = event;
  const spoken = { comment: commentId, name: author[0] ?? "somebody", at };
  if (!event.onPullRequest) return spoken;
  const place: IssueAddress = {
    tracker: "gitea",
    repo: project.repo ?? "",
    number: event.number ?? 0,
  };
  return { ...spoken, place };
}

/** A comment without a command only matters while the analyst waits for an answer. */
function hearAnswer(
  item: WorkItem,
  speaker: Speaker,
  text: string,
  rules: Rules,
  cause: Cause,
): Transition | null {
  return item.questionsOpen && item.status === "needs-input"
    ? questionsAnswered(item, speaker, text, rules, cause)
    : null;
}
