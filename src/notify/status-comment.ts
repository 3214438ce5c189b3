import { amountText } from "../domain/budget.js";
import type { Pipeline } from "../domain/pipeline.js";
import type { Stage } from "../domain/stage.js";
import type { ItemStatus, WorkItem } from "../domain/work-item.js";
import type { ItemBudget } from "../engine/budget.js";
import type { Why } from "../engine/why.js";
import { inertCode, inertLine, safeLink } from "./inert-text.js";

export interface StatusContext {
  /** The item's page in the fleet's own pages. */
  readonly page?: string | null;
  readonly pullRequest?: { readonly number: number; readonly url: string } | null;
  /** Null: nothing but perhaps the day limits what the item spends. */
  readonly budget?: ItemBudget | null;
  /** What it waits for; null: for nobody but itself. */
  readonly why?: Pick<Why, "summary" | "release"> | null;
  /** `limits.developerRuns`; what was granted beyond is on the item. */
  readonly developerRuns: number;
}

/**
 * The one comment that shows how far an item is, as Markdown. Pure: the same item gives the same
 * text, so that an edit that would change nothing can be left out. The adapter adds its marker.
 */
export function renderStatusComment(
  item: WorkItem,
  pipeline: Pipeline,
  context: StatusContext,
): string {
  return [
    `### ${inertLine(item.id, 40)} · ${inertLine(item.title, 200)}`,
    stageList(item, pipeline),
    `**${STATUS_WORDS[item.status]}**${item.reason === "" ? "" : `: ${inertLine(item.reason, 500)}`}`,
    ...waitText(context),
    facts(item, context),
  ].join("\n\n");
}

/** Emoji and not `- [x]`: boxes of a task list can be clicked, and then say what isn't so. */
const STATUS_MARKS: Readonly<Record<ItemStatus, string>> = {
  waiting: "⏳",
  running: "▶️",
  "awaiting-approval": "✋",
  "needs-input": "❓",
  failed: "❌",
  blocked: "⛔",
  paused: "⏸️",
  done: "✅",
  cancelled: "🚫",
};

const STATUS_WORDS: Readonly<Record<ItemStatus, string>> = {
  waiting: "Waiting",
  running: "Running",
  "awaiting-approval": "Awaiting approval",
  "needs-input": "Needs input",
  failed: "Failed",
  blocked: "Blocked",
  paused: "Paused",
  done: "Done",
  cancelled: "Cancelled",
};

function stageList(item: WorkItem, pipeline: Pipeline): string {
  const stages: readonly Stage[] = [...pipeline.steps.map(({ stage }) => stage), "done"];
  const current = stages.indexOf(item.stage);
  return stages
    .map((stage, index) => {
      if (index === current) return `- ${STATUS_MARKS[item.status]} **${stage}**`;
      return `- ${index < current ? "✅" : "⬜"} ${stage}`;
    })
    .join("\n");
}

function waitText({ why }: StatusContext): string[] {
  if (why == null) return [];
  // Our own words around ids alone; the commands in them are to be copied as they stand.
  const release = why.release.map((line) => `- ${line}`).join("\n");
  return [`${inertLine(why.summary, 500)}\n\n${release}`];
}

function facts(item: WorkItem, context: StatusContext): string {
  const allowed = context.developerRuns + item.grantedRuns;
  const tokens = item.usage.inputTokens + item.usage.outputTokens;
  const lines = [
    `Branch: ${inertCode(item.branch, 200)}`,
    `Developer runs: ${item.developerRuns} of ${allowed}`,
    `Cost: $${item.costUsd.toFixed(2)} (${tokens.toLocaleString("en-US")} tokens)`,
  ];
  const { budget, pullRequest, page } = context;
  if (budget) lines.push(`Budget: ${budgetText(budget)}`);
  if (pullRequest) {
    lines.push(`Pull request: ${safeLink(`#${pullRequest.number}`, pullRequest.url)}`);
  }
  if (page) lines.push(safeLink("History, runs and logs", page));
  return lines.map((line) => `- ${line}`).join("\n");
}

function budgetText({ unit, spent, amount }: ItemBudget): string {
  return `${amountText(unit, spent)} of ${amountText(unit, amount)} spent`;
}
