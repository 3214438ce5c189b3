import type { RunRecord } from "../domain/run.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";
import type { Why } from "../engine/why.js";
import { plain } from "./look-command.js";

export interface Shown {
  readonly item: WorkItem;
  readonly history: readonly HistoryEntry[];
  readonly runs: readonly RunRecord[];
  readonly why: Why | null;
}

/** An item for a terminal; what others wrote can't steer it. */
export function itemText({ item, history, runs, why }: Shown): string {
  return [
    `${item.id}  ${plain(item.title)}`,
    `${item.stage}, ${item.status}: ${plain(item.reason)}`,
    ...(item.url === null ? [] : [plain(item.url)]),
    `branch ${plain(item.branch)}, version ${item.version}, $${item.costUsd.toFixed(2)}, ${item.developerRuns} developer runs`,
    ...(why === null || item.status === "done" ? [] : ["", "Why", ...whyLines(why)]),
    "",
    "Runs",
    ...(runs.length === 0 ? ["none yet"] : runs.map(runLine)),
    "",
    "History",
    ...history.map(historyLine),
  ].join("\n");
}

function whyLines({ summary, release }: Why): string[] {
  return [plain(summary), ...release.map((step) => `- ${plain(step)}`)];
}

function runLine(run: RunRecord): string {
  const commit = run.commitAfter === null ? "" : `, commit ${run.commitAfter.slice(0, 8)}`;
  const reason = run.reason === "" ? "" : `: ${plain(run.reason)}`;
  return `${run.startedAt}  ${run.id}  ${run.role}, ${run.ending ?? "running"}${commit}${reason}`;
}

function historyLine(entry: HistoryEntry): string {
  const moved = entry.from === entry.to ? "" : ` ${entry.from ?? ""} → ${entry.to ?? ""}`;
  const gate =
    entry.gate === null ? "" : ` ${entry.gate} ${entry.passed ? "passed" : "not passed"}`;
  return `${entry.at}  ${entry.kind}${gate || moved}: ${plain(entry.reason)} (${plain(entry.cause)})`;
}
