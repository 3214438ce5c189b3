import { randomUUID } from "node:crypto";
import { type Operated, withoutComment } from "../domain/operated.js";
import { rulesOf } from "../engine/advance.js";
import { driveOutbox, type OutboxDeps } from "../engine/outbox.js";
import type { Command } from "./commands.js";
import { obey } from "./obey.js";
import { orderOf } from "./order.js";

/** Somebody with the admin's login, or with the fleet's own configuration and Redis. */
export interface Operator {
  readonly name: string;
  /** `the item page`, `the command line`. */
  readonly via: string;
}

/**
 * Carries out a command of an operator on an item, as an approver's comment would; null: there is no
 * such item. Each call acts.
 */
export async function operate(
  deps: OutboxDeps,
  id: string,
  command: Command,
  operator: Operator,
): Promise<Operated | null> {
  const given = `o${randomUUID()}`;
  const speaker = { comment: given, name: operator.name };
  const cause = {
    id: given,
    text: `${command.kind} by ${operator.name} on ${operator.via}`,
    at: new Date(deps.clock()).toISOString(),
  };
  const order = await orderOf(deps, id, command, speaker, true);
  let outcome: Operated | null = null;
  await deps.items.transition(id, (item) => {
    const rules = rulesOf(deps.fleet, item);
    if (rules === null) {
      outcome = { kind: "refused", text: `The configuration no longer knows ${item.project}.` };
      return null;
    }
    const decided = withoutComment(item, obey(item, order, rules, cause));
    outcome = decided.outcome;
    return decided.transition;
  });
  await driveOutbox(deps, id);
  return outcome;
}
