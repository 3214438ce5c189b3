import type { IssueKey } from "../domain/issue.js";
import type { RunRecord, Usage } from "../domain/run.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";

/** A work item as `/api/items` shows it. Money in USD, times in ISO 8601. */
export function itemJson(item: WorkItem, repo: string | null, waitingOn: readonly IssueKey[]) {
  const { issue, metadata } = item;
  return {
    id: item.id,
    project: item.project,
    repo,
    issue_number: issue.tracker === "gitea" ? issue.number : null,
    plane_id: issue.tracker === "plane" ? issue.id : null,
    title: item.title,
    branch: item.branch,
    pipeline: item.pipeline,
    stage: item.stage,
    status: item.status,
    reason: item.reason,
    version: item.version,
    metadata: {
      estimated_context: metadata.estimatedContext,
      difficulty: metadata.difficulty,
      assigned_agent: metadata.assignedAgent,
      blocks: metadata.blocks,
      blocked_by: metadata.blockedBy,
    },
    waiting_on: waitingOn,
    developer_runs: item.developerRuns,
    usage: usageJson(item.usage),
    cost_usd: usd(item.costUsd),
    created_at: item.createdAt,
    updated_at: item.updatedAt,
  };
}

export function historyJson(entry: HistoryEntry) {
  const { at, kind, from, to, cause, gate, passed, reason, evidence, commit } = entry;
  return { at, kind, from, to, cause, gate, passed, reason, evidence, commit };
}

export function runJson(run: RunRecord) {
  return {
    id: run.id,
    stage: run.stage,
    role: run.role,
    attempt: run.attempt,
    ending: run.ending,
    model: run.model,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    usage: usageJson(run.usage),
    cost_usd: usd(run.costUsd),
    commit_before: run.commitBefore,
    commit_after: run.commitAfter,
  };
}

function usageJson(usage: Usage) {
  return { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
}

/** Sums of fractions carry noise in the last digits; a millionth of a dollar is enough. */
function usd(amount: number): number {
  return Math.round(amount * 1_000_000) / 1_000_000;
}
