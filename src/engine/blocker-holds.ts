import { type HoldChange, heldUp, type NewHold, shownAnew } from "../domain/hold.js";
import { type IssueKey, issueKey } from "../domain/issue.js";
import { type StoppedStatus, stoppedAs } from "../domain/stopped.js";
import type { WorkItem } from "../domain/work-item.js";
import type { DependencyGraph } from "./graph.js";
import { linkOf, linkTo } from "./why.js";
import type { WhyLink, WhyPath } from "./why-path.js";
import { nameOf, releaseOf, summaryOf } from "./why-words.js";
import type { WorkItems } from "./work-items.js";

export interface HoldDeps {
  readonly items: WorkItems;
  readonly graph: DependencyGraph;
  readonly clock: () => number;
}

const STOPPED: readonly StoppedStatus[] = ["failed", "blocked", "cancelled"];

/**
 * Lets the dependents of an issue know how its item stands, each once for as long as it stands so.
 * `left` is an item that its issue may have left meanwhile. Returns the items that owe something now.
 * Costs time in proportion to its own dependents.
 */
export async function tellDependents(
  deps: HoldDeps,
  blocker: IssueKey,
  left: WorkItem | null = null,
): Promise<string[]> {
  const told: string[] = [];
  for (const dependent of await deps.graph.dependents(blocker)) {
    told.push(...(await tellOf(deps, dependent, [blocker], left)));
  }
  return told;
}

/** Lets an item know how those stand whom it waits for, or was told to wait for. */
export function tellOfBlockers(
  deps: HoldDeps,
  item: WorkItem,
  unmet: readonly IssueKey[],
): Promise<string[]> {
  const told = (item.holds ?? []).flatMap(({ id }) => blockerIn(id) ?? []);
  return tellOf(deps, issueKey(item.issue), [...new Set([...unmet, ...told])]);
}

/** Says nothing of a hold that is over because its edge is: that the item goes on says enough. */
export async function tellOf(
  deps: HoldDeps,
  dependent: IssueKey,
  blockers: readonly IssueKey[],
  left: WorkItem | null = null,
): Promise<string[]> {
  const id = await deps.items.ofIssue(dependent);
  let told: string[] = [];
  // A blocker may move on while its dependent is told of it: what was said last must be so.
  while (id !== null) {
    const item = await deps.items.find(id);
    if (item === null) break;
    const change = await changeOf(deps, item, blockers, left);
    const at = new Date(deps.clock()).toISOString();
    if ((await deps.items.transition(id, (now) => heldUp(now, change, at))) === null) break;
    told = [id];
  }
  return told;
}

/** Its edges changed, and it still waits. */
export async function showAnew(deps: HoldDeps, id: string): Promise<void> {
  const at = new Date(deps.clock()).toISOString();
  await deps.items.transition(id, (item) => shownAnew(item, at));
}

async function changeOf(
  deps: HoldDeps,
  item: WorkItem,
  blockers: readonly IssueKey[],
  left: WorkItem | null,
): Promise<HoldChange> {
  const unmet = await deps.graph.unmet(issueKey(item.issue));
  const found: NewHold[] = [];
  const gone: { id: string; comment: string | null }[] = [];
  for (const blocker of blockers) {
    const waits = unmet.includes(blocker);
    const known = waits ? await linkTo(deps.items, blocker) : null;
    const link = known?.item === null && left !== null ? linkOf(left) : known;
    const stopped = link?.status == null ? null : stoppedAs({ status: link.status });
    if (link !== null && stopped !== null) found.push(stopHold(linkOf(item), link, stopped));
    const comment = link?.item == null || stopped !== null ? null : goesOn(item, link);
    // Where nobody carries it since, its dependents still wait for what came to a stop.
    if (waits && link?.item == null) continue;
    gone.push(
      ...STOPPED.filter((status) => status !== stopped).map((status) => ({
        id: stoppedId(blocker, status),
        comment,
      })),
    );
    // One that is carried here is known, whatever its tracker says.
    gone.push({ id: unreadId(blocker), comment: null });
  }
  return { found, gone };
}

function stopHold(dependent: WhyLink, blocker: WhyLink, status: StoppedStatus): NewHold {
  // The blocker's own reason is told on its own issue.
  const path: WhyPath = { links: [dependent, { ...blocker, reason: "" }], loop: false };
  const summary = summaryOf(path);
  return {
    id: stoppedId(blocker.issue, status),
    reason: summary.replace(`${nameOf(dependent)} waits`, "Waits"),
    comment: `**${summary}**\n\n${releaseOf(path).join("\n")}`,
    notification: summary,
  };
}

function goesOn(item: WorkItem, blocker: WhyLink): string {
  return `${nameOf(blocker)} goes on; ${item.id} waits until it is done.`;
}

function stoppedId(blocker: IssueKey, status: StoppedStatus): string {
  return `stopped ${blocker} ${status}`;
}

export function unreadId(blocker: IssueKey): string {
  return `unread ${blocker}`;
}

/** Null: the hold isn't about one blocker. */
function blockerIn(hold: string): IssueKey | null {
  const [kind, issue] = hold.split(" ");
  return (kind === "stopped" || kind === "unread") && issue !== undefined ? issue : null;
}
