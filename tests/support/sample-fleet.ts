import { STAGES, type Stage, type WorkStage } from "../../src/domain/stage.js";
import type { ItemStatus } from "../../src/domain/work-item.js";
import { dice } from "./dice.js";
import {
  type KeptItem,
  sampleEntry,
  sampleItem,
  sampleKey,
  sampleRun,
} from "./memory-work-items.js";

/** Where items stand, one after the other; the first three show work, waiting and an end. */
const STANDS: readonly (readonly [Stage, ItemStatus, string])[] = [
  ["development", "running", ""],
  ["development", "waiting", "The issue was taken on."],
  ["done", "done", "The deploy stage passed: No deployer is configured."],
  ["review", "running", ""],
  ["analysis", "awaiting-approval", "An approver has to look at commit 4f1c2ab."],
  ["testing", "failed", "The tester failed: exit code 1: Cannot find module '@acme/gauge-driver'"],
  ["done", "done", "The testing stage passed: PASS."],
  ["architecture", "running", ""],
  ["analysis", "waiting", "The issue was taken on."],
  ["analysis", "needs-input", "The analyst asked 2 questions."],
  [
    "development",
    "blocked",
    "3 of 3 developer runs are spent: `npm test` failed with exit code 1.",
  ],
  ["done", "done", "The deploy stage passed: No deployer is configured."],
  ["review", "paused", "The limit of anthropic is reached until 11:00 UTC."],
  ["testing", "running", ""],
  ["development", "waiting", "The issue was taken on."],
  ["done", "cancelled", "/cancel by alice"],
];
const TITLES = [
  "Add a fuel gauge to the cockpit",
  "Let the pilot choose the units that altitude, speed and temperature are shown in, and remember it",
  "Fix the countdown",
  "Écran de télémétrie: afficher les alarmes",
  "Warn before the parachute is packed twice",
  "Log every valve that is opened by hand",
  "Read the manifest from the new format",
];
const ROLES: Readonly<Record<WorkStage, string>> = {
  analysis: "analyst",
  architecture: "architect",
  development: "developer",
  review: "reviewer",
  testing: "tester",
  deploy: "deployer",
};

/** So many items in every status, some waiting for others; the newest comes last. */
export function sampleFleet(count: number, now = new Date()): KeptItem[] {
  return Array.from({ length: count }, (_, index) => sample(index + 1, count, now));
}

/** Items that nearly all wait for some of the twenty before them: the picture of a large plan. */
export function sampleGraph(count: number, now = new Date()): KeptItem[] {
  const chance = dice(11);
  const items: KeptItem[] = [];
  for (const [index, kept] of sampleFleet(count, now).entries()) {
    const before = Array.from({ length: 1 + chance.below(2) }, () => index - chance.below(20));
    const blockers = [...new Set(before)].filter((each) => each > 0);
    items.push(blockers.length > 0 && index >= 6 ? waitingFor(kept, blockers, items) : kept);
  }
  return items;
}

function waitingFor(
  kept: KeptItem,
  blockers: readonly number[],
  others: readonly KeptItem[],
): KeptItem {
  const unmet = blockers.filter((each) => others[each - 1]?.item.status !== "done");
  const item = {
    ...kept.item,
    stage: "analysis" as const,
    status: "waiting" as const,
    reason: "The issue was taken on.",
    run: null,
    metadata: { ...kept.item.metadata, blockedBy: blockers },
  };
  return {
    ...kept,
    item,
    runs: [],
    waitingOn: unmet.map(sampleKey),
  };
}

function sample(number: number, count: number, now: Date): KeptItem {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const [stage, status, said] = standOf(number);
  const blockers = status === "waiting" ? [number - 1, number - 5].filter((each) => each > 0) : [];
  const id = sampleItem(number).id;
  const works = stage === "done" ? "testing" : stage;
  const role = ROLES[works] as "developer";
  const runs = [
    sampleRun(id, {
      stage: works,
      role,
      ending: "failed",
      reason: "exit code 1: Cannot find module '@acme/gauge-driver'",
      usage: { inputTokens: 48_200, outputTokens: 2_310 },
      costUsd: 0.41,
      startedAt: ago(9),
      finishedAt: ago(5),
    }),
    sampleRun(id, {
      stage: works,
      role,
      id: `${id}-v3-a2`,
      attempt: 2,
      ending: status === "running" ? null : "succeeded",
      startedAt: ago(4),
      finishedAt: status === "running" ? null : ago(1),
      commitAfter: status === "running" ? null : "b".repeat(40),
    }),
  ];
  const reason = status === "running" ? `The ${role} is at work.` : said;
  return {
    item: sampleItem(number, {
      title: TITLES[(number - 1) % TITLES.length] ?? "",
      stage,
      status,
      reason,
      costUsd: status === "waiting" ? 0 : (number % 17) * 0.37,
      run: status === "waiting" ? null : (runs.at(-1) ?? null),
      metadata: { ...sampleItem(number).metadata, blockedBy: blockers },
      createdAt: ago((count - number) * 0.8 + 45),
      updatedAt: ago((count - number) * 0.8 + 1),
    }),
    waitingOn: blockers.filter((each) => !isDone(each)).map(sampleKey),
    runs: status === "waiting" ? [] : runs,
    history: history(id, stage, ago),
  };
}

function history(id: string, stage: Stage, ago: (minutes: number) => string) {
  const passed = STAGES.slice(0, STAGES.indexOf(stage));
  return [
    sampleEntry({
      kind: "started",
      at: ago(45),
      from: null,
      to: "analysis",
      cause: "delivery 7c1d",
      reason: "The issue was taken on.",
      commit: null,
    }),
    ...passed.map((from, index) =>
      sampleEntry({
        at: ago(40 - index * 5),
        from,
        to: STAGES[index + 1] ?? "done",
        cause: `run ${id}-v${index + 1}-a1`,
        reason: `The ${from} stage passed.`,
      }),
    ),
    sampleEntry({
      kind: "verdict",
      at: ago(5),
      cause: `run ${id}-v3-a1`,
      gate: "tests-local",
      passed: false,
      reason: "`npm test` failed with exit code 1.",
      evidence: "12 passed, 1 failed\n  expected 3 to be 4",
    }),
  ];
}

function standOf(number: number): readonly [Stage, ItemStatus, string] {
  return STANDS[(number - 1) % STANDS.length] ?? ["development", "running", ""];
}

function isDone(number: number): boolean {
  return standOf(number)[0] === "done";
}

export const SAMPLE_LOG = Array.from(
  { length: 140 },
  (_, line) =>
    `[09:31:${String(line % 60).padStart(2, "0")}] step ${line}: looking at src/cockpit/gauge-${line}.ts\n`,
).join("");
