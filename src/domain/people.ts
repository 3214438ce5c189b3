import { acknowledged, looking, refused, type Speaker } from "./answers.js";
import { isWithoutBranch } from "./branch-life.js";
import { hasDeveloperRunLeft } from "./decision.js";
import { evaluationAsked } from "./item-life.js";
import { awaitsMerge, mergeAskedAgain } from "./merge.js";
import { isUnopened } from "./opening.js";
import { stepAt } from "./pipeline.js";
import type { WorkStage } from "./stage.js";
import { type Cause, entering, historyEntry, type Rules, type Transition } from "./transition.js";
import { shortSha } from "./verdict.js";
import { hasPendingRun, isFinished, type RunCause, type WorkItem } from "./work-item.js";

/** Ids of comments an item has acted on that are kept; far more than a conversation has. */
const HEARD_KEPT = 500;
/** Ids of deliveries: a busy CI brings more of them, which must not crowd out comments. */
const DELIVERY = /^d[0-9a-f]{16}$/;

/** Has this comment been acted on, or is it noted now? Null: it acted already (I10). */
export function hearing(item: WorkItem, comment: string): WorkItem | null {
  if (item.heard.includes(comment)) return null;
  const heard = [...item.heard, comment];
  const over = heard.length - HEARD_KEPT;
  const oldest = heard.filter((id) => DELIVERY.test(id)).slice(0, Math.max(over, 0));
  const kept = heard.filter((id) => !oldest.includes(id));
  return { ...item, heard: kept.slice(-HEARD_KEPT) };
}

/** Records who approved which commit; the gate then decides. In other stages it only looks again. */
export function approved(
  item: WorkItem,
  speaker: Speaker,
  sha: string | null,
  cause: Cause,
): Transition {
  if (isFinished(item)) {
    return refused(item, speaker, cause, `${item.id} is ${item.status} already.`);
  }
  if (awaitsMerge(item)) {
    const text = `${item.id} has passed every stage, so no gate is left to look; only its merge is.`;
    return refused(item, speaker, cause, text);
  }
  if (hasPendingRun(item)) {
    return refused(
      item,
      speaker,
      cause,
      `${item.id} is ${item.status}: only what a finished run left can be approved.`,
    );
  }
  if (sha === null && item.stage === "analysis" && isSaidBeforeEnd(item, speaker)) {
    const named = item.approvalRequested;
    const words = named === null ? "" : `, or \`/approve ${shortSha(named)}\``;
    const text = `${item.id}'s analysis ended after that was said, by its tracker's clock. If it is of what is there now, say it again${words}.`;
    return refused(item, speaker, cause, text);
  }
  const evaluation = `c${speaker.comment}`;
  const changes = item.stage === "analysis" ? approvalBy(item, speaker, sha, cause) : {};
  const asked = evaluationAsked(item, evaluation, "person", cause, changes);
  const entry = historyEntry(cause, "command", {
    from: item.stage,
    reason: `/approve by ${speaker.name}`,
    commit: asked.item.approval?.commit ?? null,
  });
  const words = `${speaker.name}: heard; the gate of ${item.stage} looks.`;
  return looking({ ...asked, history: [entry] }, speaker, evaluation, cause, words);
}

/**
 * A word without a commit is for what was asked when it was said: heard late, by a delivery that was
 * overtaken or lost, it isn't one for what the latest run left since.
 */
export function isSaidBeforeEnd({ run }: WorkItem, { at }: Pick<Speaker, "at">): boolean {
  return at !== undefined && isSaidBefore(at, run?.finishedAt ?? "");
}

/**
 * By the trackers' clocks, which may tell whole seconds: what was said within the same one may have been
 * said after. A time that can't be read is before nothing.
 */
export function isSaidBefore(at: string, moment: string): boolean {
  const then = Date.parse(moment);
  return Date.parse(at) < (at.includes(".") ? then : Math.floor(then / 1_000) * 1_000);
}

function approvalBy(
  item: WorkItem,
  speaker: Speaker,
  sha: string | null,
  cause: Cause,
): Partial<WorkItem> {
  const named = sha === null ? item.approvalRequested : expanded(item, sha);
  return named === null ? {} : { approval: { by: speaker.name, commit: named, at: cause.at } };
}

/** An abbreviated commit is only known if it is one we named or saw. */
function expanded(item: WorkItem, sha: string): string {
  return [item.approvalRequested, item.head].find((known) => known?.startsWith(sha)) ?? sha;
}

/** Sends the stage's agent to work again with a person's reason. */
export function rejected(
  item: WorkItem,
  speaker: Speaker,
  reason: string,
  rules: Rules,
  cause: Cause,
): Transition {
  const text = `${speaker.name} rejected the result.`;
  const runCause: RunCause = { kind: "rejected", reason: text, artifact: null, detail: reason };
  return again(item, speaker, runCause, rules, cause, 0);
}

/**
 * Goes on from a failure, a cap or a question; where no developer run is left it grants one (I6).
 * `allowed`: protected paths the agent may change this time.
 */
export function retried(
  item: WorkItem,
  speaker: Speaker,
  rules: Rules,
  cause: Cause,
  allowed: readonly string[] = [],
): Transition {
  if (awaitsMerge(item)) {
    const lost = `The branch of ${item.id} is gone, so there is nothing to merge; \`/rollback\` makes it again.`;
    return item.head === null
      ? refused(item, speaker, cause, lost)
      : mergedAgain(item, speaker, cause);
  }
  const role = stepAt(rules.pipeline, item.stage)?.agent;
  const spent = role === "developer" && !hasDeveloperRunLeft(item, rules.developerRunCap);
  const runCause: RunCause = {
    kind: "retried",
    reason: `${speaker.name} asked to try again${allowed.length === 0 ? "" : ", allowing these protected paths"}. ${item.reason}`,
    artifact: item.cause?.artifact ?? null,
    detail: item.cause?.detail ?? "",
  };
  return again(item, speaker, runCause, rules, cause, spent ? 1 : 0, allowed);
}

/** Goes on from a run that failed for its protected paths, which exactly it may now change. */
export function retriedWithProtected(
  item: WorkItem,
  speaker: Speaker,
  rules: Rules,
  cause: Cause,
): Transition {
  const paths = item.run?.ending === "failed" ? (item.run.protectedPaths ?? []) : [];
  if (paths.length > 0) return retried(item, speaker, rules, cause, paths);
  const text = `The last run of ${item.id} didn't fail for protected paths; there is nothing to allow.`;
  return refused(item, speaker, cause, text);
}

function mergedAgain(item: WorkItem, speaker: Speaker, cause: Cause): Transition {
  const asked = mergeAskedAgain(item, speaker.name, cause);
  return acknowledged(asked, speaker, cause, asked.item.reason);
}

/** A person answered the analyst's questions. */
export function questionsAnswered(
  item: WorkItem,
  speaker: Speaker,
  answer: string,
  rules: Rules,
  cause: Cause,
): Transition {
  if (isSaidBeforeEnd(item, speaker)) {
    const text = `That was said before ${item.id}'s questions were asked. If it answers them, say it again.`;
    return refused(item, speaker, cause, text);
  }
  const reason = `${speaker.name} answered the questions.`;
  const runCause: RunCause = { kind: "answered", reason, artifact: null, detail: answer };
  return again(item, speaker, runCause, rules, cause, 0);
}

function again(
  item: WorkItem,
  speaker: Speaker,
  runCause: RunCause,
  rules: Rules,
  cause: Cause,
  granted: number,
  allowedPaths: readonly string[] = [],
): Transition {
  const refusal = againRefusal(item, runCause, rules, granted);
  if (refusal !== null) return refused(item, speaker, cause, refusal);
  const next = { ...item, grantedRuns: item.grantedRuns + granted };
  const entered = entering(next, item.stage as WorkStage, cause, rules, {
    reason: runCause.reason,
    runCause,
    allowedPaths,
    effects: [
      { kind: "discard-flow", version: item.version },
      { kind: "tracker-state", state: "In Progress" },
    ],
  });
  return acknowledged(entered, speaker, cause, runCause.reason);
}

function againRefusal(
  item: WorkItem,
  { kind }: RunCause,
  rules: Rules,
  granted: number,
): string | null {
  if (isFinished(item)) return `${item.id} is ${item.status} already.`;
  if (hasPendingRun(item) && (item.status === "running" || item.status === "waiting")) {
    return `An agent works on ${item.id} or waits for its turn; there is nothing to repeat.`;
  }
  const role = stepAt(rules.pipeline, item.stage)?.agent;
  if (role === undefined || !rules.hasAgent(role)) {
    return kind === "retried" ? lookRefusal(item) : `No agent works in ${item.stage}.`;
  }
  const spent = { ...item, grantedRuns: item.grantedRuns + granted };
  if (role === "developer" && !hasDeveloperRunLeft(spent, rules.developerRunCap)) {
    return `All developer runs of ${item.id} are spent; an approver's \`/retry\` grants one more.`;
  }
  return null;
}

/** Where nobody works a retry opens what is to be looked at, and its gate looks anew. */
function lookRefusal(item: WorkItem): string | null {
  if (isUnopened(item)) return null;
  if (isWithoutBranch(item)) {
    return `${item.id} has no branch, and no agent works in ${item.stage} who would make one; \`/rollback\` to an earlier stage does.`;
  }
  const stuck = ["needs-input", "failed", "blocked"].includes(item.status);
  return stuck ? null : `No agent works in ${item.stage}.`;
}
