import { heldUp, type NewHold } from "../domain/hold.js";
import type { IssueKey } from "../domain/issue.js";
import { from, hasEdge, type Loop, loopName } from "../domain/loop.js";
import type { HoldDeps } from "./blocker-holds.js";
import { linkTo } from "./why.js";
import type { WhyLink, WhyPath } from "./why-path.js";
import { nameOf, releaseOf } from "./why-words.js";

/**
 * Tells each item that stands on a loop with one of these issues of a loop it stands on, once for as
 * long as that stands. Returns the items that owe something now.
 */
export async function tellOfLoops(deps: HoldDeps, issues: readonly IssueKey[]): Promise<string[]> {
  const told: string[] = [];
  const covered = new Set<IssueKey>();
  const cover = async (issue: IssueKey): Promise<boolean> => {
    const loop = covered.has(issue) ? null : await deps.graph.loops.through(issue);
    if (loop === null) return false;
    for (const each of loop) covered.add(each);
    told.push(...(await tellOf(deps, loop)));
    return true;
  };
  for (const issue of issues) {
    // One edge may close several loops: whoever is on another one than the shortest must know, too.
    if (!(await cover(issue))) continue;
    for (const other of await deps.graph.loops.entangled(issue)) await cover(other);
  }
  return [...new Set(told)];
}

/** The edge is gone, and with it the loops that people were told of. As `tellOfLoops`. */
export async function tellOfBrokenLoops(
  deps: HoldDeps,
  dependent: IssueKey,
  blocker: IssueKey,
): Promise<string[]> {
  const noted = await deps.graph.loops.notedThrough(dependent);
  const broken = noted.filter((loop) => hasEdge(loop, dependent, blocker));
  const told: string[] = [];
  for (const loop of broken) told.push(...(await untie(deps, loop)));
  // They may stand on another loop, which they weren't told of as long as this one stood.
  told.push(...(await tellOfLoops(deps, broken.flat())));
  return [...new Set(told)];
}

async function tellOf(deps: HoldDeps, loop: Loop): Promise<string[]> {
  await deps.graph.loops.note(loop);
  const links = new Map<IssueKey, WhyLink>();
  for (const issue of loop) links.set(issue, await linkTo(deps.items, issue));
  const carried = loop.flatMap((issue) => links.get(issue)?.item ?? []);
  const teller = [...carried].sort()[0];
  const told: string[] = [];
  for (const issue of loop) {
    const way = from(loop, issue).flatMap((each) => links.get(each) ?? []);
    const id = way[0]?.item ?? null;
    if (id === null) continue;
    const at = new Date(deps.clock()).toISOString();
    const found = [loopHold(loop, way, id === teller)];
    const written = await deps.items.transition(id, (item) =>
      heldUp(item, { found, gone: [] }, at),
    );
    if (written !== null) told.push(id);
  }
  // Whoever broke it meanwhile may have looked before it was noted, or before it was told.
  return (await deps.graph.loops.stands(loop)) ? told : [...told, ...(await untie(deps, loop))];
}

async function untie(deps: HoldDeps, loop: Loop): Promise<string[]> {
  const told: string[] = [];
  const gone = [{ id: loopId(loop), comment: null }];
  for (const issue of loop) {
    const id = await deps.items.ofIssue(issue);
    const at = new Date(deps.clock()).toISOString();
    const change = { found: [], gone };
    const written =
      id === null ? null : await deps.items.transition(id, (item) => heldUp(item, change, at));
    if (id !== null && written !== null) told.push(id);
  }
  await deps.graph.loops.forget(loop);
  return told;
}

/** `way` begins with the item that is told. The messenger hears of a loop once. */
function loopHold(loop: Loop, way: readonly WhyLink[], notifies: boolean): NewHold {
  const [first] = way;
  if (first === undefined) throw new Error("a loop has issues");
  const path: WhyPath = { links: [first, ...way.slice(1), first], loop: true };
  const names = path.links.map(nameOf).join(" → ");
  const summary = `${names} is a loop: none of them can go on before the others.`;
  return {
    id: loopId(loop),
    reason: `Waits in a loop: ${names}.`,
    comment: `**${summary}**\n\n${releaseOf(path).join("\n")}`,
    notification: notifies ? summary : null,
  };
}

function loopId(loop: Loop): string {
  return `loop ${loopName(loop)}`;
}
