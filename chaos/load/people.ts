import { setTimeout as pause } from "node:timers/promises";
import { issueKey } from "../../src/domain/issue.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import type { Dice } from "../../tests/support/dice.js";
import { allItems } from "../all-items.js";
import { APPROVER, STRANGER } from "../world/projects.js";
import type { World } from "../world/world.js";
import type { PlannedIssue } from "./issues.js";
import { answersTo, type Saying } from "./manners.js";
import { isRequested, say } from "./speech.js";

const LOOK_MS = 2_000;
/** Nothing having come of what they said, people say it again, in ms. */
const PATIENCE_MS = 30_000;
const STOPPED = ["failed", "blocked", "needs-input"];
const CHATTER = ["Nice.", "Is somebody on this?", "> /cancel\n\nNo, don't.", "See also the wiki."];

/** Approvers who see to what stands still, and people who talk; until the signal. */
export async function attend(
  world: World,
  issues: readonly PlannedIssue[],
  dice: Dice,
  signal: AbortSignal,
): Promise<void> {
  const answer = approver(world, issues);
  while (!signal.aborted) {
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    const items = signal.aborted ? [] : await allItems(world.store.items);
    for (const item of items) for (const said of answer(item)) say(world, item.issue, said);
    if (items.length > 0 && dice.chance(0.5)) chat(world, dice.of(items), dice);
  }
}

/** What an approver says to an item that waits for them and whom they haven't answered lately. */
function approver(
  world: World,
  issues: readonly PlannedIssue[],
): (item: WorkItem) => readonly Saying[] {
  const spoke = new Map<string, number>();
  const approve = approvals(world, issues);
  return (item) => {
    const key = `${item.id} ${item.version} ${item.status}`;
    const now = performance.now();
    if (now - (spoke.get(key) ?? Number.NEGATIVE_INFINITY) < PATIENCE_MS) return [];
    const said = STOPPED.includes(item.status)
      ? [{ author: APPROVER, text: "/retry" }]
      : approve(item);
    if (said.length > 0) spoke.set(key, now);
    return said;
  };
}

/** Answers to the comment that asks for an approval, in the manner of its issue. */
function approvals(
  world: World,
  issues: readonly PlannedIssue[],
): (item: WorkItem) => readonly Saying[] {
  const manners = new Map(issues.map((issue) => [issue.key, issue.approver]));
  const answered = new Map<string, readonly string[]>();
  return ({ id, issue, status, approvalRequested: commit }) => {
    if (status !== "awaiting-approval" || commit === null) return [];
    if (!isRequested(world, issue, commit)) return [];
    const asked = [...(answered.get(id) ?? []), commit];
    answered.set(id, asked);
    return answersTo(manners.get(issueKey(issue)) ?? "agrees", asked);
  };
}

function chat(world: World, { issue }: WorkItem, dice: Dice): void {
  const asks = dice.chance(0.3);
  const chatter = { author: STRANGER, text: dice.of(CHATTER) };
  say(world, issue, asks ? { author: APPROVER, text: "/status" } : chatter);
}
