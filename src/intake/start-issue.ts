import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Project } from "../domain/fleet.js";
import { branchName } from "../domain/ids.js";
import { type IssueKey, issueKey } from "../domain/issue.js";
import { edited, replanned, started } from "../domain/item-life.js";
import type { Metadata } from "../domain/metadata.js";
import { hearing } from "../domain/people.js";
import type { Cause, Transition } from "../domain/transition.js";
import { visibleText } from "../domain/visible-text.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import { admit } from "../engine/admission.js";
import { rulesOf } from "../engine/advance.js";
import { tellDependents } from "../engine/blocker-holds.js";
import { tellOfLoops } from "../engine/loop-holds.js";
import { driveFirst, driveOutbox } from "../engine/outbox.js";
import { EXPECTED_MS } from "../engine/slots.js";
import type { IntakeDeps } from "./deps.js";
import {
  followEdges,
  gainedEdges,
  keepStatedEdges,
  ownBlockers,
  type Strangers,
  stateEdges,
  statesEdges,
} from "./edges.js";
import type { IssueNow } from "./issue-now.js";
import { withDefaults } from "./metadata/parser.js";
import { missingForAdmission } from "./qg0.js";
import { tellOfStranger } from "./strangers.js";

/** What a tracker said before a model began to read a text may be old when the model is through. */
const FRESH_MS = 1_000;

/** Starts a work item for an issue, or finds the one that was started, if `known` names it. */
export async function startIssue(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  known: string | null,
  cause: Cause,
): Promise<string> {
  const until = deps.clock() + EXPECTED_MS;
  const expected = deps.slots.expect(project.name, issue.order, until);
  const settled = expected.catch(() => undefined);
  try {
    const missing = issue.address.tracker === "plane" ? missingForAdmission(issue) : [];
    if (missing.length > 0) return await refuse(deps, project, issue, missing);
    return await start(deps, project, issue, known, cause, expected);
  } finally {
    await settled;
    await noLongerExpected(deps, project, issue.order);
  }
}

/** Higher numbers wait for this one no more. */
export async function noLongerExpected(
  deps: IntakeDeps,
  project: Project,
  order: number,
): Promise<void> {
  await Promise.all([deps.slots.arrived(project.name, order), admit(deps)]);
}

async function start(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  known: string | null,
  cause: Cause,
  expected: Promise<void>,
): Promise<string> {
  const rules = rulesOf(deps.fleet, { project: project.name, pipeline: project.pipeline });
  if (rules === null) return `config knows no pipeline ${project.pipeline}`;
  const key = issueKey(issue.address);
  if (known !== null && (await deps.items.find(known)) !== null) {
    await deps.items.transition(known, (item) => seenAt(item, issue.updatedAt));
    await driveOutbox(deps, known);
    await followEdges(deps, key, null);
    await joinOthers(deps, key);
    return `${known} was started already`;
  }
  if (known !== null && (await deps.items.removed(key))) {
    return `${known} ended long ago, and is kept no more`;
  }
  const asked = deps.clock();
  const [early, metadata] = await Promise.all([
    ownBlockers(deps, issue.address),
    // The tracker is asked before the text is read, which takes this process a while.
    expected.then(() => metadataOf(deps, project, issue)),
  ]);
  const isFresh = deps.clock() - asked < FRESH_MS;
  const own = isFresh ? early : await ownBlockers(deps, issue.address);
  const [strangers, id] = await Promise.all([
    stateEdges(deps, issue, metadata, own),
    deps.items.reserve(key, project.prefix),
    deps.graph.reopen(key),
  ]);
  const news = {
    id,
    project: project.name,
    issue: issue.address,
    order: issue.order,
    title: issue.title,
    url: issue.url,
    branch: branchName(id, issue.title),
    metadata,
    issueUpdatedAt: issue.updatedAt,
  };
  const first = started(news, rules.pipeline, rules, cause);
  const [isNew, unmet] = await Promise.all([
    deps.items.create(first, taskOf(issue)),
    deps.graph.unmet(key),
  ]);
  await Promise.all([
    deps.refusals.forget(key),
    isNew ? driveFirst(deps, first, unmet) : driveOutbox(deps, id),
  ]);
  await followEdges(deps, key, key);
  await joinOthers(deps, key);
  await tellOfAll(deps, key, strangers);
  return `${id} is started`;
}

/** An item takes its place among those that waited for its issue, and on the loops it closes. */
async function joinOthers(deps: IntakeDeps, issue: IssueKey): Promise<void> {
  const told = await tellOfLoops(deps, [issue]);
  told.push(...(await tellDependents(deps, issue)));
  for (const id of new Set(told)) await driveOutbox(deps, id);
}

async function tellOfAll(deps: IntakeDeps, issue: IssueKey, strangers: Strangers): Promise<void> {
  for (const [blocker, stranger] of strangers) {
    await tellOfStranger(deps, issue, blocker, stranger);
  }
}

/** Deliveries of before this moment no longer say how the issue is. */
function seenAt(item: WorkItem, updatedAt: string): Transition | null {
  if (Date.parse(updatedAt) <= Date.parse(item.issueUpdatedAt)) return null;
  return { item: { ...item, issueUpdatedAt: updatedAt }, history: [], effects: [] };
}

/** Brings metadata, title and edges up to date; an item that was refused or not yet there starts. */
export async function editIssue(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  cause: Cause,
): Promise<string> {
  const key = issueKey(issue.address);
  const id = await deps.items.ofIssue(key);
  if (id === null || (await deps.items.removed(key))) {
    return editWithoutItem(deps, project, issue, id, cause);
  }
  const metadata = await metadataOf(deps, project, issue);
  const own = await ownBlockers(deps, issue.address);
  const strangers = await stateEdges(deps, issue, metadata, own);
  const held = await gainedEdges(deps, key);
  const task = taskOf(issue);
  const sameText = (await deps.items.task(id)) === task;
  await deps.items.updateTask(id, task);
  const news = { title: issue.title, metadata, issueUpdatedAt: issue.updatedAt };
  const written = await deps.items.transition(id, (item) => {
    const listening = isFinished(item) ? null : hearing(item, cause.id);
    if (listening === null) return null;
    if (sameText && !held && knows(item, news)) return seenAt(item, issue.updatedAt);
    const change = edited(listening, news, cause);
    const replan = held ? replanned(change.item, cause) : null;
    return replan === null
      ? change
      : { ...replan, history: change.history, effects: [...change.effects, ...replan.effects] };
  });
  await driveOutbox(deps, id);
  await followEdges(deps, key, written === null ? null : key);
  await tellOfAll(deps, key, strangers);
  return written === null ? "the item has ended, or followed already" : `${id} follows the edit`;
}

/** Told again of the same edit, or of a change that isn't the text's, an item has nothing to follow. */
function knows(
  item: WorkItem,
  { title, metadata }: { title: string; metadata: Metadata },
): boolean {
  return item.title === title && isDeepStrictEqual(item.metadata, metadata);
}

/** One that was refused starts; what another one's text no longer says holds nobody up. */
async function editWithoutItem(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  known: string | null,
  cause: Cause,
): Promise<string> {
  const key = issueKey(issue.address);
  if (issue.open && (await deps.refusals.has(key))) {
    return startIssue(deps, project, issue, known, cause);
  }
  if (await statesEdges(deps, key)) {
    await keepStatedEdges(deps, issue, await metadataOf(deps, project, issue));
  }
  return "no item is under way";
}

async function metadataOf(deps: IntakeDeps, project: Project, issue: IssueNow): Promise<Metadata> {
  const parsed = await deps.parseMetadata(issue.text, {
    models: Object.keys(deps.fleet.models),
    ...(project.repo === null ? {} : { repo: project.repo }),
    ...(issue.address.tracker === "gitea" ? { issue: issue.address.number } : {}),
  });
  return withDefaults(parsed);
}

async function refuse(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  missing: readonly string[],
): Promise<string> {
  await deps.refusals.note(issueKey(issue.address));
  const said = createHash("sha256").update(`${issue.title}\n${issue.text}`).digest("hex");
  const id = `qg0-${project.name}-${issue.order}-${said.slice(0, 16)}`;
  const body = `**This can't be started yet.** ${missing.join(" ")} Editing it tries again.`;
  const about = { address: issue.address, project: project.name, item: null };
  await deps.notifications.add({
    ...about,
    effect: { id: `${id}-comment`, kind: "comment", body },
  });
  await deps.notifications.add({
    ...about,
    effect: { id: `${id}-state`, kind: "tracker-state", state: "Needs Input" },
  });
  return `not admitted: ${missing.join(" ")}`;
}

/** Text of `00-task.md`. */
export function taskOf(issue: Pick<IssueNow, "title" | "text" | "url">): string {
  const link = issue.url === null ? "" : `\n\n<${issue.url}>`;
  // Agents read the file too: what a person doesn't see must not speak to them.
  return `# ${visibleText(issue.title).replace(/\s+/g, " ")}\n\n${visibleText(issue.text).trim()}${link}\n`;
}
