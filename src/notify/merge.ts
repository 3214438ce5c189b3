import { mergeRefused, mergeSucceeded, mergeWanted } from "../domain/merge.js";
import type { Cause, Transition } from "../domain/transition.js";
import type { WorkItem } from "../domain/work-item.js";
import { rulesOf } from "../engine/advance.js";
import type { Notification } from "../engine/flows.js";
import { type JobOutcome, stale } from "../engine/jobs.js";
import { driveOutbox } from "../engine/outbox.js";
import { type MergeOutcome, type OpenPullRequest, TrackerError } from "../engine/tracker.js";
import { type ForgeWork, forgeWork, openPullRequest } from "./forge-work.js";
import type { TellDeps } from "./tell-deps.js";

type Merged = { readonly kind: "merged"; readonly pull: OpenPullRequest };
type Refused = Extract<MergeOutcome, { kind: "refused" }>;

/** Merges the item's pull request at the commit that passed its gates, and ends or blocks the item. */
export async function merge(deps: TellDeps, notification: Notification): Promise<JobOutcome> {
  const work = await forgeWork(deps, notification);
  if (work === null) return stale("the project has no forge");
  if (!mergeWanted(work.item)) return stale(`the item is ${work.item.status}`);
  const outcome = await attempt(work);
  const cause: Cause = {
    id: `merge-of-${notification.effect.id}`,
    text: outcome.kind === "merged" ? `merge of #${outcome.pull.number}` : "merge",
    at: new Date(deps.clock()).toISOString(),
  };
  await deps.items.transition(work.item.id, (item) => after(deps, item, outcome, cause));
  await driveOutbox(deps, work.item.id);
  return {
    kind: "finished",
    note: outcome.kind === "merged" ? `#${outcome.pull.number} is merged` : outcome.reason,
  };
}

function after(
  deps: TellDeps,
  item: WorkItem,
  outcome: Merged | Refused,
  cause: Cause,
): Transition | null {
  if (outcome.kind === "refused") return mergeRefused(item, outcome.reason, cause);
  const rules = rulesOf(deps.fleet, item);
  if (rules === null) return null;
  const { number, url } = outcome.pull;
  const linked = { ...item, pullRequest: { number, url } };
  return mergeSucceeded(linked, `#${number}`, rules, cause);
}

/** What a forge refuses for good blocks the item; what may pass is thrown. */
async function attempt(work: ForgeWork): Promise<Merged | Refused> {
  const { item, repo, forge } = work;
  if (item.head === null) return { kind: "refused", reason: "There is no commit to merge." };
  try {
    const pull = (await mergedAlready(work, item.head)) ?? (await openPullRequest(work));
    const outcome = await forge.merge(repo, pull.number, item.head);
    return outcome.kind === "merged" ? { kind: "merged", pull } : outcome;
  } catch (error) {
    if (!(error instanceof TrackerError) || error.retryable) throw error;
    return { kind: "refused", reason: error.message };
  }
}

/** An attempt that died after its merge must not open another pull request. */
async function mergedAlready(
  { item, repo, forge }: ForgeWork,
  head: string,
): Promise<OpenPullRequest | null> {
  const pulls = await forge.pullRequestsOf(repo, item.branch);
  return pulls.find((pull) => pull.merged && pull.head === head) ?? null;
}
