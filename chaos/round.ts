import { setMaxListeners } from "node:events";
import { dice } from "../tests/support/dice.js";
import { FAULTS } from "./faults/all.js";
import { playFaults } from "./faults/play.js";
import { type PlannedFault, planFaults } from "./faults/schedule.js";
import { runCi } from "./load/ci.js";
import { fileIssues } from "./load/file-issues.js";
import { type PlannedIssue, planIssues } from "./load/issues.js";
import { attend } from "./load/people.js";
import type { Options } from "./options.js";
import { compareAgain, type Judged, settle } from "./settle.js";
import { openWorld, type World } from "./world/world.js";

/** Streams of chance that don't depend on each other. */
const STREAM = { issues: 1, faults: 2, courier: 3, people: 4, ci: 5 } as const;
/** Leases of the dead, patient retries and the next round of comparing come to their end in this. */
const SETTLE_MS = 45_000;
/** Beside that, for each minute of load. */
const SETTLE_A_MINUTE_MS = 105_000;

export interface Played extends Judged {
  /** A line each, as they were played. */
  readonly faults: readonly string[];
  /** Where all logs are; gone unless it was to be kept. */
  readonly folder: string;
  /** Who ended by itself, or didn't stop as it must. */
  readonly unclean: readonly string[];
}

/** One round: load and faults, calm, verdict. Everything is gone afterwards. @throws if it is interrupted */
export async function playRound(
  { seed, minutes, keep }: Options,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<Played> {
  const chance = (stream: keyof typeof STREAM) => dice(seed ^ (STREAM[stream] * 0x9e3779b1));
  const issues = planIssues(chance("issues"), minutes);
  const faults = planFaults(FAULTS, chance("faults"), minutes);
  tell(`${issues.length} issues and ${faults.length} faults in ${minutes} minutes`);
  const world = await openWorld(chance("courier"));
  const { unfillable } = world.disk;
  if (unfillable !== null) tell(`the disk can't be filled here, and isn't: ${unfillable}`);
  const busy = new AbortController();
  const over = AbortSignal.any([signal, busy.signal]);
  // Every fault and every job of CI waits on one of them.
  setMaxListeners(0, signal, over);
  const crowd = Promise.all([
    attend(world, issues, chance("people"), over),
    runCi(world, chance("ci"), over),
  ]);
  // It is waited for below, where its fault is told.
  crowd.catch(() => busy.abort());
  try {
    const played = await storm(world, issues, faults, signal, tell);
    const judged = await settle(world, issues, settleMs(minutes), signal, tell);
    busy.abort();
    await crowd;
    return { ...judged, faults: played, folder: world.folder, unclean: await world.fleet.leave() };
  } finally {
    busy.abort();
    await Promise.allSettled([crowd]);
    await world.close(keep);
  }
}

/** How long a fleet is waited for after so many minutes, in ms, if nothing moves. */
export function settleMs(minutes: number): number {
  return SETTLE_MS + minutes * SETTLE_A_MINUTE_MS;
}

/** Load and faults, until all that was taken has been given back. Returns what was played, a line each. */
async function storm(
  world: World,
  issues: readonly PlannedIssue[],
  faults: readonly PlannedFault[],
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<readonly string[]> {
  const failed = new AbortController();
  const faultsOver = playFaults(world, faults, signal, tell).catch((error: unknown) => {
    failed.abort();
    throw error;
  });
  const filing = AbortSignal.any([signal, failed.signal]);
  const [played] = await Promise.all([faultsOver, fileIssues(world, issues, filing)]);
  signal.throwIfAborted();
  tell("calm");
  world.courier.calm();
  await compareAgain(world);
  return played;
}
