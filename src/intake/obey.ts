import { acknowledged, answered, refused, type Speaker } from "../domain/answers.js";
import type { ItemLimits } from "../domain/budget.js";
import { budgetRaised } from "../domain/budget-raise.js";
import { cancelled } from "../domain/item-life.js";
import type { IssueReference } from "../domain/metadata.js";
import { approved, rejected, retried, retriedWithProtected } from "../domain/people.js";
import { rolledBack } from "../domain/rollback.js";
import type { Cause, Rules, Transition } from "../domain/transition.js";
import { type EdgeToWaive, unblocked } from "../domain/unblock.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import type { Command } from "./commands.js";

/** A command by somebody who may or may not give it, with what was looked up for it. */
export interface Order {
  readonly command: Command;
  readonly speaker: Speaker;
  readonly allowed: boolean;
  /** Null: the command isn't about an edge. */
  readonly edge: EdgeToWaive | null;
  /** Null: the command isn't about money. */
  readonly limits: ItemLimits | null;
  /** Why the item stands where it stands; null: nobody asked. */
  readonly why: string | null;
}

const UNLIMITED: ItemLimits = { perItem: null, perDay: [] };

const KNOWN = [
  "/approve [commit]",
  "/reject <reason>",
  "/retry [protected]",
  "/cancel",
  "/status",
  "/unblock #<number>",
  "/rollback [stage]",
  "/budget +<amount>",
].map((usage) => `\`${usage}\``);

/** What follows from a command; every one is answered where people see it. */
export function obey(item: WorkItem, order: Order, rules: Rules, cause: Cause): Transition {
  const { command, speaker, allowed, edge, limits } = order;
  if (!allowed) {
    const text = `Thank you, ${speaker.name}, but only an approver can command ${item.id}.`;
    return refused(item, speaker, cause, text);
  }
  switch (command.kind) {
    case "approve":
      return approved(item, speaker, command.sha, cause);
    case "reject":
      return rejected(item, speaker, command.reason, rules, cause);
    case "retry":
      return command.allowProtected === true
        ? retriedWithProtected(item, speaker, rules, cause)
        : retried(item, speaker, rules, cause);
    case "rollback":
      return rolledBack(item, speaker, command.stage, rules, cause);
    case "cancel":
      return cancelledBy(item, speaker, cause);
    case "status":
      return answered(item, speaker, cause, statusOf(item, order.why));
    case "unblock":
      return unblocked(item, speaker, edge ?? nowhere(command.blocker), cause);
    case "budget":
      return budgetRaised(item, speaker, command.add, limits ?? UNLIMITED, rules, cause);
    case "misused":
      return refused(item, speaker, cause, `\`/${command.word}\` is written \`${command.usage}\`.`);
    case "unknown":
      return refused(
        item,
        speaker,
        cause,
        `\`/${command.word}\` is not a command. Known: ${KNOWN.join(", ")}.`,
      );
  }
}

function cancelledBy(item: WorkItem, speaker: Speaker, cause: Cause): Transition {
  if (isFinished(item)) {
    return refused(item, speaker, cause, `${item.id} is ${item.status} already.`);
  }
  const ended = cancelled(item, `${speaker.name} cancelled it.`, cause);
  return acknowledged(ended, speaker, cause, `${item.id} is cancelled.`);
}

function statusOf(item: WorkItem, why: string | null): string {
  const status = `${item.id} is in ${item.stage}, ${item.status}: ${item.reason}`;
  return why === null ? status : `${status}\n\n${why}`;
}

function nowhere(written: IssueReference): EdgeToWaive {
  return { blocker: null, written: String(written), unmet: [] };
}
