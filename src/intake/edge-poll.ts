import { type IssueKey, issueKey } from "../domain/issue.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import { tellOf } from "../engine/blocker-holds.js";
import { driveOutbox, POLL_EVERY_MS, pollEntry, releaseDependents } from "../engine/outbox.js";
import { TrackerError } from "../engine/tracker.js";
import type { EdgeDeps } from "./deps.js";
import { followEdges, stateTrackerEdges } from "./edges.js";
import {
  ASK_AFTER_MS,
  type Stranger,
  strangerEntry,
  strangerNow,
  tellOfStranger,
} from "./strangers.js";

/** One round asks for this many at most, and begins no other after this long, in ms. */
const MOST_AT_ONCE = 50;
const LONGEST_ROUND_MS = 5_000;
/** A round whose process died keeps others from the next one this long, in ms. */
const ROUND_LOCK_MS = 60_000;
const ISSUE_LOCK_MS = 30_000;
/** A tracker in trouble that names no time is left alone this long, in ms. */
const REST_MS = 60_000;
/** An issue whose dependencies the tracker refuses to tell is asked after again this late, in ms. */
const REFUSED_MS = 600_000;
const LONGEST_ASK_MS = 3_600_000;

/**
 * Asks trackers what they send no webhook for: what blocks the items under way, and how blockers are
 * that nobody carries. The longest due come first. A tracker that is in trouble, or says it is asked
 * too much, is left alone. Returns how many were asked for.
 */
export async function pollEdges(deps: EdgeDeps): Promise<number> {
  const unlock = await deps.locks.take("edge-poll", ROUND_LOCK_MS);
  if (unlock === null) return 0;
  const began = deps.clock();
  let asked = 0;
  let rest: number | null = null;
  try {
    for (const entry of await deps.graph.agenda.due(began, MOST_AT_ONCE)) {
      if (deps.clock() - began > LONGEST_ROUND_MS) break;
      asked += 1;
      rest = await look(deps, entry);
      if (rest !== null) break;
    }
  } finally {
    await unlock();
  }
  // Nobody gives this one back: it ends by itself.
  if (rest !== null && rest > 0) await deps.locks.take("edge-poll", rest);
  return asked;
}

/** How long the tracker is to be left alone, in ms; null: it answered. */
async function look(deps: EdgeDeps, entry: string): Promise<number | null> {
  const [kind, about = ""] = entry.split(" ");
  if (kind === "item") return lookAtItem(deps, about);
  return lookAtStranger(deps, about);
}

async function lookAtItem(deps: EdgeDeps, id: string): Promise<number | null> {
  const { agenda } = deps.graph;
  const entry = pollEntry(id);
  const item = await deps.items.find(id);
  if (item === null || isFinished(item)) {
    await agenda.drop(entry);
    return null;
  }
  // First, so that one that can't be looked at doesn't come before all others for ever.
  await agenda.putOff(entry, deps.clock() + POLL_EVERY_MS);
  try {
    await follow(deps, item);
    return null;
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    deps.log.warn({ err: error, item: id }, "its dependencies can't be read; it is asked again");
    if (error.retryable) return error.retryAfterMs ?? REST_MS;
    await agenda.putOff(entry, deps.clock() + REFUSED_MS);
    return null;
  }
}

/** Not while a delivery of the issue is taken in: what is older must not be stated last. */
async function follow(deps: EdgeDeps, { issue }: WorkItem): Promise<void> {
  const key = issueKey(issue);
  const tracker = deps.tracker(issue.tracker);
  const unlock = tracker === null ? null : await deps.locks.take(`issue:${key}`, ISSUE_LOCK_MS);
  if (tracker === null || unlock === null) return;
  try {
    const strangers = await stateTrackerEdges(deps, issue, await tracker.blockers(issue));
    await followEdges(deps, key, null);
    for (const [blocker, stranger] of strangers) {
      await tellOfStranger(deps, key, blocker, stranger);
    }
  } finally {
    await unlock();
  }
}

async function lookAtStranger(deps: EdgeDeps, blocker: IssueKey): Promise<number | null> {
  const { agenda } = deps.graph;
  const entry = strangerEntry(blocker);
  const looks = await agenda.countLook(entry);
  const later = Math.min(ASK_AFTER_MS * 2 ** Math.min(looks, 10), LONGEST_ASK_MS);
  await agenda.putOff(entry, deps.clock() + later);
  const dependents = await deps.graph.dependents(blocker);
  const stranger = dependents.length === 0 ? null : await strangerNow(deps, blocker);
  await tellDependentsOf(deps, dependents, blocker, stranger);
  if (stranger?.kind === "closed" || stranger?.kind === "missing") {
    await releaseDependents(deps, blocker);
  }
  if (stranger?.kind !== "open" && stranger?.kind !== "unread") await agenda.drop(entry);
  if (stranger?.kind !== "unread" || !stranger.passing) return null;
  return stranger.retryAfterMs ?? REST_MS;
}

/** Null: it is carried now, and its dependents hear how its item stands. */
async function tellDependentsOf(
  deps: EdgeDeps,
  dependents: readonly IssueKey[],
  blocker: IssueKey,
  stranger: Stranger | null,
): Promise<void> {
  for (const dependent of dependents) {
    if (stranger !== null) await tellOfStranger(deps, dependent, blocker, stranger);
    else for (const id of await tellOf(deps, dependent, [blocker])) await driveOutbox(deps, id);
  }
}
