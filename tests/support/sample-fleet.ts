import { STAGES } from "../../src/domain/stage.js";
import type { ItemStatus } from "../../src/domain/work-item.js";
import {
  type KeptItem,
  sampleEntry,
  sampleItem,
  sampleKey,
  sampleRun,
} from "./memory-work-items.js";

const STATUSES: readonly ItemStatus[] = [
  "waiting",
  "running",
  "waiting",
  "awaiting-approval",
  "needs-input",
  "failed",
  "blocked",
  "paused",
];
const REASONS: Readonly<Record<ItemStatus, string>> = {
  waiting: "waits for its blockers",
  running: "the agent is at work",
  "awaiting-approval": "an approver has to look at commit 4f1c2ab",
  "needs-input": "the analyst asked 2 questions",
  failed:
    "the agent ended with exit code 1: Cannot find module '@acme/engine-control-unit-firmware'",
  blocked: "3 developer runs are spent",
  paused: "anthropic's limit is reached until 11:00",
  done: "all gates passed",
  cancelled: "/cancel by alice",
};
const TITLES = [
  "Add a fuel gauge to the cockpit",
  "Let the pilot choose the units that altitude, speed and temperature are shown in, and remember it",
  "Fix the countdown",
  "Écran de télémétrie: afficher les alarmes",
];

/** So many items in every stage and status, some waiting for others; the newest comes last. */
export function sampleFleet(count: number): KeptItem[] {
  const now = Date.now();
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  return Array.from({ length: count }, (_, index) => sample(index + 1, count, ago));
}

function sample(number: number, count: number, ago: (minutes: number) => string): KeptItem {
  const finished = number % 3 === 0;
  const stage = finished ? "done" : (STAGES[number % 6] ?? "review");
  const status = finished ? "done" : (STATUSES[number % STATUSES.length] ?? "running");
  const blockers = status === "waiting" ? [number - 1, number - 4].filter((each) => each > 0) : [];
  const id = sampleItem(number).id;
  const runs = [
    sampleRun(id, {
      ending: "failed",
      reason: REASONS.failed,
      costUsd: 0.41,
      startedAt: ago(9),
      finishedAt: ago(5),
    }),
    sampleRun(id, {
      id: `${id}-v3-a2`,
      attempt: 2,
      ending: status === "running" ? null : "succeeded",
      startedAt: ago(4),
      finishedAt: status === "running" ? null : ago(1),
      commitAfter: status === "running" ? null : "b".repeat(40),
    }),
  ];
  return {
    item: sampleItem(number, {
      title: TITLES[number % TITLES.length] ?? "",
      stage,
      status,
      reason: REASONS[status],
      costUsd: (number % 17) * 0.37,
      run: status === "waiting" ? null : (runs.at(-1) ?? null),
      metadata: { ...sampleItem(number).metadata, blockedBy: blockers },
      updatedAt: ago((count - number) * 0.8),
    }),
    waitingOn: blockers.filter((each) => each % 3 !== 0 || each === number - 4).map(sampleKey),
    runs: status === "waiting" ? [] : runs,
    history: [
      sampleEntry({ kind: "started", from: null, to: "analysis", reason: "assigned to devbot" }),
      sampleEntry(),
      sampleEntry({
        kind: "verdict",
        gate: "tests-local",
        passed: false,
        reason: "npm test exited with 1",
        evidence: "12 passed, 1 failed\n  expected 3 to be 4",
      }),
    ],
  };
}

export const SAMPLE_LOG = Array.from(
  { length: 140 },
  (_, line) =>
    `[09:31:${String(line % 60).padStart(2, "0")}] step ${line}: looking at src/cockpit/gauge-${line}.ts\n`,
).join("");
