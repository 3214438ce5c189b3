import type { Effect } from "../../src/domain/effect.js";
import type { Pipeline } from "../../src/domain/pipeline.js";
import { stageAfter } from "../../src/domain/pipeline.js";
import { type RunRecord, spendsDeveloperRun } from "../../src/domain/run.js";
import { STAGES } from "../../src/domain/stage.js";
import {
  type HistoryEntry,
  hasPendingRun,
  ITEM_STATUSES,
  isFinished,
  type WorkItem,
} from "../../src/domain/work-item.js";
import type { WorkItems } from "../../src/engine/work-items.js";
import type { RedisConnection } from "../../src/redis/connection.js";
import { itemKeys, slotKeys } from "../../src/redis/keys.js";

/** All that the store holds of one item when nothing is under way. */
export interface ItemRecords {
  readonly item: WorkItem;
  readonly history: readonly HistoryEntry[];
  readonly runs: readonly RunRecord[];
  readonly owed: readonly Effect[];
  readonly inOutbox: boolean;
  /** Versions that hold a slot, have a grant on its way, or stand among the ready. */
  readonly slot: {
    readonly holder: Version;
    readonly grant: Version;
    readonly ready: Version;
    /** The run that occupies the slot. */
    readonly run?: string | null;
  };
}
type Version = number | null;

/** What of an item contradicts the invariants of docs/state-machine.md, a sentence each; none: sound. */
export function violations(records: ItemRecords, pipeline: Pipeline, cap: number): string[] {
  return [
    ...undefinedState(records),
    ...movedWrongly(records, pipeline),
    ...runsWrongly(records, cap),
    ...keptBack(records),
  ];
}

export function undefinedState({ item }: ItemRecords): string[] {
  return held([
    [(STAGES as readonly string[]).includes(item.stage), `there is no stage ${item.stage}`],
    [(ITEM_STATUSES as readonly string[]).includes(item.status), `no status ${item.status}`],
    [item.status !== "done" || item.stage === "done", "only done is done (I9)"],
    // Its issue may be closed while its pull request is still to be merged.
    [item.stage !== "done" || isFinished(item), "only done is done (I9)"],
    [item.reason.trim() !== "", "the status has no reason"],
    [
      Object.values(item.verdicts).every(({ version }) => version === item.version),
      "a verdict of another version is kept (I2)",
    ],
    [
      Object.keys(item.verdicts).every((name) => !item.consumed.includes(name)),
      "a verdict that was acted on is there again (I2)",
    ],
    [!hasPendingRun(item) || item.status !== "awaiting-approval", "a pending run is approved"],
  ]);
}

export function movedWrongly({ item, history }: ItemRecords, pipeline: Pipeline): string[] {
  const all = history.filter(({ kind }) => kind === "started" || kind === "transition");
  const moves = all.filter((entry) => !isMerge(entry));
  const merges = all.filter(isMerge);
  const causes = moves.map(({ cause }) => cause);
  const twice = causes.filter((cause, index) => causes.indexOf(cause) !== index);
  const again = merges.map(({ cause }) => cause).filter((cause) => causes.includes(cause));
  const found = [...twice, ...again].map((cause) => `${cause} moved it twice (I1)`);
  let at: HistoryEntry["to"] = null;
  for (const { from, to, cause } of moves) {
    if (from !== at) found.push(`${cause} moved it from ${from}, but it was in ${at} (I1)`);
    if (at === "done") found.push(`${cause} moved it after its end (I9)`);
    if (!isLegal(pipeline, from, to)) found.push(`${cause} moved it from ${from} to ${to} (I2)`);
    at = to;
  }
  if (merges.length > 0 && at !== "done") found.push("it was merged before it had passed (I2)");
  if (at !== item.stage) found.push(`it is in ${item.stage}, its history ends in ${at} (I1)`);
  if (moves.length > item.version)
    found.push(`${moves.length} moves, version ${item.version} (I3)`);
  const ended = moves.findIndex(({ to, from }) => to === "done" && from !== "done");
  if (ended !== -1 && ended !== moves.length - 1) found.push("it moved after it was done (I9)");
  return found;
}

/** What came of its merge, once it has passed every stage; the item moves no more. */
function isMerge({ from, to }: HistoryEntry): boolean {
  return from === "done" && to === "done";
}

type Place = HistoryEntry["to"];

/** The edges of the drawing: onward, back, the same again, and to `done` by a merge. */
function isLegal(pipeline: Pipeline, from: Place, to: Place): boolean {
  if (to === null) return false;
  if (from === null) return to === pipeline.steps[0]?.stage;
  const back =
    (to === "development" && (from === "review" || from === "testing")) ||
    (to === "analysis" && from === "architecture");
  return to === from || to === "done" || back || to === stageAfter(pipeline, from);
}

export function runsWrongly({ item, history, runs }: ItemRecords, cap: number): string[] {
  const open = runs.filter(({ ending }) => ending === null).map(({ id }) => id);
  const own = item.run !== null && item.run.ending === null ? item.run.id : null;
  const spent = runs.filter((run) => run.role === "developer" && spendsDeveloperRun(run)).length;
  const succeeded = runs.filter(({ ending }) => ending === "succeeded");
  const versions = succeeded.map(({ version }) => version);
  const written = history.filter(({ kind, commit }) => kind === "run" && commit !== null);
  return held([
    [open.every((id) => id === own), `runs stay open: ${open.join(", ")} (I5)`],
    [!isFinished(item) || open.length === 0, "an ended item has an open run (I5)"],
    [spent === item.developerRuns, `${spent} developer runs, ${item.developerRuns} counted (I6)`],
    [item.developerRuns <= cap + item.grantedRuns, `${item.developerRuns} runs: past the cap (I6)`],
    [new Set(versions).size === versions.length, "a version's run succeeded twice (I5)"],
    [written.length === succeeded.length, `${written.length} successes told of (I5)`],
  ]);
}

function keptBack({ item, owed, inOutbox, slot, runs }: ItemRecords): string[] {
  const { run, ...places } = slot;
  const kept = Object.entries(places).filter(
    ([what, version]) => version !== null && !(what === "holder" && isLeased(runs, run)),
  );
  const wanted = hasPendingRun(item) && !isFinished(item);
  return held([
    [owed.length === 0, `still owed: ${owed.map(({ id }) => id).join(", ")} (I4)`],
    [!inOutbox, "it is in the outbox (I4)"],
    ...kept.map(
      ([what, version]) =>
        [wanted && version === item.version, `version ${version} keeps a ${what} (I8)`] as const,
    ),
  ]);
}

/** A run that others closed and whose worker died keeps its slot until the lease has run out. */
function isLeased(runs: readonly RunRecord[], run: string | null | undefined): boolean {
  const ending = runs.find(({ id }) => id === run)?.ending;
  return ending === "cancelled" || ending === "superseded";
}

/** What doesn't hold. */
function held(rules: readonly (readonly [boolean, string])[]): string[] {
  return rules.filter(([holds]) => !holds).map(([, broken]) => broken);
}

/** Reads what the auditor looks at. */
export async function recordsOf(
  store: { readonly redis: RedisConnection; readonly prefix: string; readonly items: WorkItems },
  id: string,
): Promise<ItemRecords> {
  const { redis, prefix, items } = store;
  const keys = slotKeys(prefix);
  const [item, history, runs, owed, score, holder, grant, ready] = await Promise.all([
    items.find(id),
    items.history(id),
    items.runs(id),
    items.owed(id),
    redis.zscore(itemKeys(prefix).outbox, id),
    redis.hget(keys.holders, id),
    redis.hget(keys.grants, id),
    redis.hget(keys.what, id),
  ]);
  if (item === null) throw new Error(`there is no ${id}`);
  const slot = {
    holder: versionIn(holder),
    grant: versionIn(grant),
    ready: versionIn(ready),
    run: holder === null ? null : ((JSON.parse(holder) as { run?: string }).run ?? null),
  };
  return { item, history, runs, owed, inOutbox: score !== null, slot };
}

function versionIn(slot: string | null): Version {
  return slot === null ? null : (JSON.parse(slot) as { version: number }).version;
}
