import { setTimeout as pause } from "node:timers/promises";
import type { GiteaDouble } from "../../src/demo/gitea-double.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import type { Dice } from "../../tests/support/dice.js";
import { allItems } from "../all-items.js";
import { APPROVER, BOT } from "../world/projects.js";
import type { World } from "../world/world.js";
import type { PlannedIssue } from "./issues.js";

const LOOK_MS = 2_000;
/** Nothing having come of what they said, people say it again, in ms. */
const PATIENCE_MS = 30_000;
const STOPPED = ["failed", "blocked", "needs-input"];
const CHATTER = ["Nice.", "Is somebody on this?", "> /cancel\n\nNo, don't.", "See also the wiki."];

/** Files each issue at its time, and withdraws those that are to be. */
export async function fileIssues(
  gitea: GiteaDouble,
  issues: readonly PlannedIssue[],
  signal: AbortSignal,
): Promise<void> {
  const acts = issues.flatMap((issue) => [
    { at: issue.at, act: () => void file(gitea, issue) },
    ...(issue.withdrawn === null
      ? []
      : [{ at: issue.withdrawn.at, act: () => withdraw(gitea, issue) }]),
  ]);
  const began = performance.now();
  for (const { at, act } of acts.sort((a, b) => a.at - b.at)) {
    await pause(Math.max(0, began + at - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    act();
  }
}

function file(gitea: GiteaDouble, { repo, number, title, body }: PlannedIssue): void {
  gitea.addIssue({ repo, number, title, body, assignees: [BOT] });
}

function withdraw(gitea: GiteaDouble, { repo, number, withdrawn }: PlannedIssue): void {
  if (withdrawn?.by === "close") gitea.close(repo, number);
  else gitea.unassign(repo, number, BOT);
}

/** Approvers who see to what stands still, and people who talk; until the signal. */
export async function attend(world: World, dice: Dice, signal: AbortSignal): Promise<void> {
  const asked = new Map<string, number>();
  while (!signal.aborted) {
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    const items = signal.aborted ? [] : await allItems(world.store.items);
    for (const item of items) seeTo(world.gitea, item, asked);
    if (items.length > 0 && dice.chance(0.5)) chat(world.gitea, dice.of(items), dice);
  }
}

function seeTo(gitea: GiteaDouble, item: WorkItem, asked: Map<string, number>): void {
  if (!STOPPED.includes(item.status) || item.issue.tracker !== "gitea") return;
  const key = `${item.id} ${item.version} ${item.status}`;
  const now = performance.now();
  if (now - (asked.get(key) ?? Number.NEGATIVE_INFINITY) < PATIENCE_MS) return;
  asked.set(key, now);
  gitea.humanComment(item.issue.repo, item.issue.number, APPROVER, "/retry");
}

function chat(gitea: GiteaDouble, { issue }: WorkItem, dice: Dice): void {
  if (issue.tracker !== "gitea") return;
  const [author, text] = dice.chance(0.3) ? [APPROVER, "/status"] : ["bob", dice.of(CHATTER)];
  gitea.humanComment(issue.repo, issue.number, author, text);
}
