import type { Speaker } from "../domain/answers.js";
import type { ItemLimits } from "../domain/budget.js";
import { issueKey } from "../domain/issue.js";
import type { IssueReference } from "../domain/metadata.js";
import type { EdgeToWaive } from "../domain/unblock.js";
import { referenceKey } from "../engine/blocker-branches.js";
import type { OutboxDeps } from "../engine/outbox.js";
import { explain } from "../engine/why.js";
import type { Command } from "./commands.js";
import type { Order } from "./obey.js";

/** Looks up what a command needs to be obeyed. */
export async function orderOf(
  deps: OutboxDeps,
  id: string,
  command: Command,
  speaker: Speaker,
  allowed: boolean,
): Promise<Order> {
  const edge = command.kind === "unblock" ? await edgeOf(deps, id, command.blocker) : null;
  const why = command.kind === "status" ? await explain(deps.items, id) : null;
  const limits = command.kind === "budget" ? await limitsFor(deps, id) : null;
  return { command, speaker, allowed, edge, limits, why: why?.summary ?? null };
}

async function limitsFor(deps: OutboxDeps, id: string): Promise<ItemLimits | null> {
  const item = await deps.items.find(id);
  return item === null ? null : deps.budgets.limitsOf(item.project);
}

async function edgeOf(
  deps: OutboxDeps,
  id: string,
  reference: IssueReference,
): Promise<EdgeToWaive> {
  const written = typeof reference === "number" ? `#${reference}` : reference;
  const item = await deps.items.find(id);
  if (item === null || item.issue.tracker !== "gitea") return { blocker: null, written, unmet: [] };
  const unmet = await deps.graph.unmet(issueKey(item.issue));
  return { blocker: referenceKey(item.issue.repo, reference), written, unmet };
}
