import { type Project, projectNamed } from "../domain/fleet.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Notification } from "../engine/flows.js";
import type { Forge, OpenPullRequest } from "../engine/tracker.js";
import type { TellDeps } from "./tell-deps.js";

/** An item with the forge its branch is on. */
export interface ForgeWork {
  readonly item: WorkItem;
  readonly project: Project;
  readonly repo: string;
  readonly forge: Forge;
}

/** Null: config knows no forge for it (any more), or there is no such item. */
export async function forgeWork(deps: TellDeps, about: Notification): Promise<ForgeWork | null> {
  const item = about.item === null ? null : await deps.items.find(about.item);
  const project = projectNamed(deps.fleet, about.project);
  const forge = project === undefined ? null : deps.forgeOf(project);
  if (item === null || project === undefined || forge === null) return null;
  return project.repo === null ? null : { item, project, repo: project.repo, forge };
}

/** Opens the branch's pull request, or finds the one that is open. */
export function openPullRequest({
  item,
  project,
  repo,
  forge,
}: ForgeWork): Promise<OpenPullRequest> {
  return forge.openPullRequest({
    repo,
    head: item.branch,
    base: project.baseBranch,
    title: `${item.id}: ${item.title}`,
    body: bodyOf(item),
  });
}

/** Mentions the issue without a closing word: whether a merge closes it is config's to say. */
function bodyOf(item: WorkItem): string {
  const issue = item.issue.tracker === "gitea" ? `For #${item.issue.number}.` : "";
  return `Work item ${item.id}. ${issue}`.trim();
}
