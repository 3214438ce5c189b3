import { branchName } from "../../src/domain/ids.js";
import { type IssueAddress, issueKey } from "../../src/domain/issue.js";
import { started } from "../../src/domain/item-life.js";
import { DEFAULT_METADATA } from "../../src/domain/metadata.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { rulesOf } from "../../src/engine/advance.js";
import { driveOutbox, type OutboxDeps } from "../../src/engine/outbox.js";
import { REPO } from "./running-fleet.js";

const AT = "2026-01-01T00:00:00.000Z";

/** Starts the item of an issue of the fleet's first project, as intake does. */
export async function newItem(deps: OutboxDeps, number: number): Promise<WorkItem> {
  const id = await createdItem(deps, number);
  await driveOutbox(deps, id);
  const item = await deps.items.find(id);
  if (item === null) throw new Error(`${id} was not stored`);
  return item;
}

/** Stores the item and dies: what it brings is still owed. */
export async function createdItem(deps: OutboxDeps, number: number): Promise<string> {
  const project = deps.fleet.projects[0];
  if (project === undefined) throw new Error("the fleet has no project");
  const issue: IssueAddress = { tracker: "gitea", repo: REPO, number };
  const id = await deps.items.reserve(issueKey(issue), project.prefix);
  const news = {
    id,
    project: project.name,
    issue,
    order: number,
    title: `Issue ${number}`,
    url: null,
    branch: branchName(id, `Issue ${number}`),
    metadata: DEFAULT_METADATA,
    issueUpdatedAt: AT,
  };
  const pipeline = deps.fleet.pipelines[project.pipeline];
  const rules = pipeline && rulesOf(deps.fleet, { project: project.name, pipeline: pipeline.name });
  if (pipeline === undefined || !rules) throw new Error("the fleet has no pipeline");
  const cause = { id: "test", text: "a test", at: AT };
  await deps.items.create(started(news, pipeline, rules, cause), "# the task\n");
  return id;
}
