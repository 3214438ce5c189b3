import { STAGES } from "../domain/stage.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";
import { type Happening, issueName, type Tell } from "./happening.js";

/** What a person would want to know of where an item stands now; null: its entries say it all. */
export function statusOf(item: WorkItem): Omit<Happening, "ms" | "item" | "stage"> | null {
  const { status, run } = item;
  if (status === "done" || (status === "waiting" && run === null)) return null;
  if (status === "running") {
    if (run === null || run.ending !== null) return null;
    const facts = { run: run.id, role: run.role, state: "started" };
    return { event: "run", text: `the ${run.role} works`, facts };
  }
  const facts = { status, reason: item.reason };
  if (status === "awaiting-approval" && item.approvalRequested !== null) {
    const commit = item.approvalRequested.slice(0, 10);
    return { event: "stage", mark: "waits", text: `asks for an approval of ${commit}`, facts };
  }
  return { event: "stage", mark: "waits", text: `${status}: ${item.reason}`, facts };
}

/** What a person would want to know of one entry of an item's history. */
export function tellEntry(item: WorkItem, entry: HistoryEntry, tell: Tell): void {
  const about = { item: item.id, stage: entry.from ?? item.stage };
  switch (entry.kind) {
    case "started":
      tell({
        ...about,
        event: "stage",
        text: `starts: ${item.title} (${issueName(item)})`,
        facts: { title: item.title, issue: issueName(item), branch: item.branch },
      });
      return;
    case "verdict":
      tellVerdict(item, entry, tell);
      return;
    case "transition":
      tellMove(item, entry, tell);
      return;
    case "run":
      tell({
        ...about,
        event: "run",
        text: entry.reason,
        minor: item.run?.ending === "succeeded",
        facts: { run: item.run?.id, role: item.run?.role, state: item.run?.ending },
      });
      return;
    default:
      return;
  }
}

function tellVerdict(item: WorkItem, entry: HistoryEntry, tell: Tell): void {
  const passed = entry.passed === true;
  const pending = Object.values(item.verdicts).some(
    ({ verdict }) => verdict.pending === true && verdict.reason === entry.reason,
  );
  tell({
    item: item.id,
    stage: entry.from ?? item.stage,
    event: "verdict",
    text: `${entry.gate}: ${entry.reason}`,
    // What is awaited the item's status says.
    minor: pending,
    facts: { gate: entry.gate, passed, pending, commit: entry.commit },
    ...(passed ? {} : { mark: pending ? "waits" : "failed" }),
  });
}

function tellMove(item: WorkItem, entry: HistoryEntry, tell: Tell): void {
  const facts = { from: entry.from, to: entry.to, sent_back: isSentBack(entry) };
  const about = { item: item.id, stage: entry.from, facts };
  if (entry.to === "done") {
    tell({ ...about, event: "done", stage: "done", text: item.title });
  } else if (isSentBack(entry)) {
    tell({ ...about, event: "stage", mark: "back", text: `sent back to ${entry.to}` });
  } else {
    tell({ ...about, event: "stage", text: `→ ${entry.to}`, minor: true });
  }
}

export function isSentBack({ from, to }: HistoryEntry): boolean {
  return from !== null && to !== null && STAGES.indexOf(to) < STAGES.indexOf(from);
}
