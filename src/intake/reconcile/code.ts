import { isHeld, isWithoutBranch } from "../../domain/branch-life.js";
import type { Project } from "../../domain/fleet.js";
import type { RecoveryKind } from "../../domain/recovery.js";
import { hasPendingRun, isFinished, type WorkItem } from "../../domain/work-item.js";
import {
  inTurn,
  type ReconcileDeps,
  type RepositoryCheck,
  type RepositoryLook,
  recover,
} from "./check.js";
import { type CodeNews, verdictToHear } from "./verdicts.js";

/** Two or three questions to the forge each, in one round. */
const MOST_ITEMS = 100;

/** Pushes, deleted branches, pull requests, results of CI and reviews that nobody told of. */
export const codeCheck: RepositoryCheck = {
  name: "code",
  asks: "forge",
  async look(deps, at) {
    for (const { id } of await inTurn(deps, `code:${at.project.name}`, at.items, MOST_ITEMS)) {
      deps.goOn();
      // The round may be minutes old, and agents push.
      const item = await deps.items.find(id);
      if (item === null || isFinished(item)) continue;
      // What its end leads to isn't known yet: whatever else there is, the next round sees.
      if (await toldOfPullRequest(deps, at, item)) continue;
      await lookAtBranch(deps, at, item);
    }
  },
};

/** A person's own pull request is known only while its branch's gate asks for one. */
async function toldOfPullRequest(
  deps: ReconcileDeps,
  { project, forge, repo }: RepositoryLook,
  item: WorkItem,
): Promise<boolean> {
  if (item.pullRequest === undefined) return false;
  const { number } = item.pullRequest;
  const pull = await forge.pullRequest(repo, number);
  if (pull === null) return false;
  const action = pull.merged ? "merged" : missedMove(item, pull.open);
  if (action === null) return false;
  const event = { kind: "pull-request", action, number, branch: item.branch } as const;
  const what = `Pull request #${number} is ${action}`;
  return told(deps, project, item, "pull-request", what, event, [action]);
}

/** Who waits for a person already was told, or needn't be. */
function missedMove(item: WorkItem, open: boolean): "closed" | "reopened" | null {
  if (open) return isHeld(item) ? "reopened" : null;
  const waits = item.status === "failed" || item.status === "blocked";
  return waits || isHeld(item) || isWithoutBranch(item) ? null : "closed";
}

/** A run sees for itself what became of its branch. */
async function lookAtBranch(
  deps: ReconcileDeps,
  at: RepositoryLook,
  item: WorkItem,
): Promise<void> {
  if (hasPendingRun(item) || isWithoutBranch(item) || item.head === null) return;
  const { project, forge, repo } = at;
  const head = await forge.headOf(repo, item.branch);
  if (head === null) {
    const event = { kind: "branch-deleted", branch: item.branch } as const;
    await told(deps, project, item, "branch", `Branch ${item.branch} is gone`, event, []);
    return;
  }
  if (head !== item.head) {
    const now = await deps.items.find(item.id);
    if (now?.updatedAt !== item.updatedAt) return;
    const event = { kind: "push", branch: item.branch, before: item.head, after: head } as const;
    await told(deps, project, item, "push", `A push to ${item.branch}`, event, [head]);
    return;
  }
  const news = await verdictToHear(deps, { ...at, commit: head }, item);
  if (news === null) return;
  await told(deps, project, item, news.kind, news.what, news.event, news.found);
}

/** False: it was told of before. */
async function told(
  deps: ReconcileDeps,
  project: Project,
  item: WorkItem,
  kind: RecoveryKind,
  what: string,
  news: CodeNews,
  found: readonly (string | number)[],
): Promise<boolean> {
  const event = { ...news, project: project.name, tracker: "gitea" as const };
  // The same may happen again to a later version of the item.
  const facts = [item.id, item.version, ...found];
  return recover(deps, { kind, reason: `${what}: that was not delivered.` }, event, facts);
}
