import type { CommentEvent } from "../domain/events.js";
import { isApprover, type Project } from "../domain/fleet.js";
import { cancelled } from "../domain/item-life.js";
import {
  answered,
  approved,
  hearing,
  questionsAnswered,
  rejected,
  retried,
  type Speaker,
} from "../domain/people.js";
import type { Cause, Rules, Transition } from "../domain/transition.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import { rulesOf } from "../engine/advance.js";
import { driveOutbox } from "../engine/outbox.js";
import { type Command, parseCommand } from "./commands.js";
import { type IntakeDeps, keyOf } from "./deps.js";

/** Acts on a comment once, ever: a command of an approver, or an answer to the analyst's questions. */
export async function hearComment(
  deps: IntakeDeps,
  project: Project,
  event: CommentEvent,
  delivered: Cause,
): Promise<string> {
  const id = await deps.items.ofIssue(keyOf(project, event));
  if (id === null) return "the issue has no item";
  const command = parseCommand(event.text, project.repo === null ? {} : { repo: project.repo });
  const speaker = { comment: event.commentId, name: event.author[0] ?? "somebody" };
  const allowed = isApprover(deps.fleet, event.author);
  const cause = {
    ...delivered,
    id: `c${event.commentId}`,
    text: `comment ${event.commentId} by ${speaker.name}`,
  };
  const heard = await deps.items.transition(id, (item) => {
    const listening = hearing(item, event.commentId);
    const rules = rulesOf(deps.fleet, item);
    if (listening === null || rules === null) return null;
    return command === null
      ? hearAnswer(listening, speaker, event.text, rules, cause)
      : obey(listening, command, speaker, allowed, rules, cause);
  });
  await driveOutbox(deps, id);
  return heard === null ? "nothing follows from this comment" : `${id} heard ${speaker.name}`;
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

function obey(
  item: WorkItem,
  command: Command,
  speaker: Speaker,
  allowed: boolean,
  rules: Rules,
  cause: Cause,
): Transition {
  if (!allowed) {
    return answered(item, cause, `Thank you, but only an approver can command ${item.id}.`);
  }
  switch (command.kind) {
    case "approve":
      return approved(item, speaker, command.sha, cause);
    case "reject":
      return rejected(item, speaker, command.reason, rules, cause);
    case "retry":
      return retried(item, speaker, rules, cause);
    case "cancel":
      return isFinished(item)
        ? answered(item, cause, `${item.id} is ${item.status} already.`)
        : cancelled(item, `${speaker.name} cancelled it.`, cause);
    case "status":
      return answered(
        item,
        cause,
        `${item.id} is in ${item.stage}, ${item.status}: ${item.reason}`,
      );
    case "misused":
      return answered(item, cause, `\`/${command.word}\` is written \`${command.usage}\`.`);
    case "unblock":
    case "rollback":
    case "budget":
      return answered(item, cause, `\`/${command.kind}\` is not supported yet.`);
    case "unknown":
      return answered(
        item,
        cause,
        `\`/${command.word}\` is not a command. Known: /approve, /reject, /retry, /cancel, /status.`,
      );
  }
}
