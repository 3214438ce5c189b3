import { createHash } from "node:crypto";
import type { Project } from "../domain/fleet.js";
import { branchName } from "../domain/ids.js";
import { type IssueAddress, type IssueKey, issueKey } from "../domain/issue.js";
import { edited, replanned, started } from "../domain/item-life.js";
import type { IssueReference, Metadata } from "../domain/metadata.js";
import { hearing } from "../domain/people.js";
import type { Cause, Transition } from "../domain/transition.js";
import { isFinished, type WorkItem } from "../domain/work-item.js";
import { admit } from "../engine/admission.js";
import { rulesOf } from "../engine/advance.js";
import { referenceKey } from "../engine/blocker-branches.js";
import { driveOutbox } from "../engine/outbox.js";
import type { IntakeDeps } from "./deps.js";
import type { IssueNow } from "./issue-now.js";
import { withDefaults } from "./metadata/parser.js";
import { missingForAdmission } from "./qg0.js";

/** Higher numbers of a project wait this long at most for a lower one that is being read, in ms. */
const EXPECTED_MS = 2_000;

/** Starts a work item for an issue, or finds the one that was started. */
export async function startIssue(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  cause: Cause,
): Promise<string> {
  await deps.slots.expect(project.name, issue.order, deps.clock() + EXPECTED_MS);
  try {
    const missing = issue.address.tracker === "plane" ? missingForAdmission(issue) : [];
    if (missing.length > 0) return await refuse(deps, project, issue, missing);
    return await start(deps, project, issue, cause);
  } finally {
    await deps.slots.arrived(project.name, issue.order);
    await admit(deps);
  }
}

async function start(
  deps: IntakeDeps,
  project: Project,
  issue: IssueNow,
  cause: Cause,
): Promise<string> {
  const rules = rulesOf(deps.fleet, { project: project.name, pipeline: project.pipeline });
  if (rules === null) return `config knows no pipeline ${project.pipeline}`;
  const key = issueKey(issue.address);
  const known = await deps.items.ofIssue(key);
  if (known !== null && (await deps.items.find(known)) !== null) {
    await deps.items.transition(known, (item) => seenAt(item, issue.updatedAt));
    await driveOutbox(deps, known);
    return `${known} was started already`;
  }
  const metadata = await metadataOf(deps, project, issue);
  await declareEdges(deps, issue, metadata);
  await deps.graph.reopen(key);
  const id = await deps.items.reserve(key, project.prefix);
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
  await deps.items.create(started(news, rules.pipeline, rules, cause), taskOf(issue));
  await deps.refusals.forget(key);
  await driveOutbox(deps, id);
  return `${id} is started`;
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
  const id = await deps.items.ofIssue(issueKey(issue.address));
  if (id === null) {
    const refused = issue.open && (await deps.refusals.has(issueKey(issue.address)));
    return refused ? startIssue(deps, project, issue, cause) : "no item is under way";
  }
  const metadata = await metadataOf(deps, project, issue);
  const before = await deps.graph.unmet(issueKey(issue.address));
  await declareEdges(deps, issue, metadata);
  const after = await deps.graph.unmet(issueKey(issue.address));
  await deps.items.updateTask(id, taskOf(issue));
  const news = { title: issue.title, metadata, issueUpdatedAt: issue.updatedAt };
  const written = await deps.items.transition(id, (item) => {
    const listening = isFinished(item) ? null : hearing(item, cause.id);
    if (listening === null) return null;
    const change = edited(listening, news, cause);
    const replan = after.length > before.length ? replanned(change.item, cause) : null;
    return replan === null
      ? change
      : { ...replan, history: change.history, effects: [...change.effects, ...replan.effects] };
  });
  await driveOutbox(deps, id);
  return written === null ? "the item has ended, or followed already" : `${id} follows the edit`;
}

async function metadataOf(deps: IntakeDeps, project: Project, issue: IssueNow): Promise<Metadata> {
  const parsed = await deps.parseMetadata(issue.text, {
    models: Object.keys(deps.fleet.models),
    ...(project.repo === null ? {} : { repo: project.repo }),
    ...(issue.address.tracker === "gitea" ? { issue: issue.address.number } : {}),
  });
  return withDefaults(parsed);
}

/** States the text's edges, from either end, and meets those whose blocker is closed without an item. */
async function declareEdges(deps: IntakeDeps, issue: IssueNow, metadata: Metadata): Promise<void> {
  const { address } = issue;
  if (address.tracker !== "gitea") return;
  const key = issueKey(address);
  const own = await deps.tracker("gitea")?.blockers(address);
  const blockers = keysOf(address.repo, [...metadata.blockedBy, ...(own ?? [])]);
  const open: IssueKey[] = [];
  for (const blocker of blockers) {
    if (blocker.key !== key && (await blocks(deps, blocker))) open.push(blocker.key);
  }
  await deps.graph.declare(key, open);
  for (const dependent of keysOf(address.repo, metadata.blocks)) {
    if (dependent.key !== key) await blockOther(deps, dependent.key, key);
  }
}

/** An edge stated from its other end; a dependent that waits for a slot goes back. */
async function blockOther(deps: IntakeDeps, dependent: IssueKey, blocker: IssueKey): Promise<void> {
  const before = await deps.graph.unmet(dependent);
  await deps.graph.declare(dependent, [blocker]);
  const id = await deps.items.ofIssue(dependent);
  const after = await deps.graph.unmet(dependent);
  if (id === null || after.length === before.length) return;
  const at = new Date(deps.clock()).toISOString();
  const cause = { id: "blocked", text: `${blocker} names it as blocked`, at };
  await deps.items.transition(id, (item) => replanned(item, cause));
  await driveOutbox(deps, id);
}

interface Reference {
  readonly key: IssueKey;
  readonly address: Extract<IssueAddress, { tracker: "gitea" }>;
}

function keysOf(repo: string, references: readonly IssueReference[]): Reference[] {
  return references.flatMap((reference) => {
    const key = referenceKey(repo, reference);
    const [name, number] = typeof reference === "number" ? [repo, reference] : reference.split("#");
    return key === null
      ? []
      : [
          {
            key,
            address: { tracker: "gitea" as const, repo: name ?? repo, number: Number(number) },
          },
        ];
  });
}

/** Does it hold anything up? One with an item does until it is met; one that is closed or gone doesn't. */
async function blocks(deps: IntakeDeps, { key, address }: Reference): Promise<boolean> {
  if ((await deps.items.ofIssue(key)) !== null) return true;
  if (!deps.fleet.projects.some((p) => p.repo?.toLowerCase() === address.repo.toLowerCase())) {
    deps.log.warn({ blocker: key }, "the blocker's repository is not configured; it waits");
    return true;
  }
  const tracker = deps.tracker("gitea");
  if (tracker === null) return true;
  const issue = await tracker.readIssue(address);
  if (issue === null) deps.log.warn({ blocker: key }, "the blocker does not exist; it is ignored");
  return issue?.open === true;
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
function taskOf(issue: IssueNow): string {
  const link = issue.url === null ? "" : `\n\n<${issue.url}>`;
  return `# ${issue.title}\n\n${issue.text.trim()}${link}\n`;
}
