import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { within } from "../../src/cli/wiring/lifecycle.js";
import { tracked } from "./children.js";

/** Built entries, from this file's place below `dist`. */
const ENTRY = {
  receiver: "../../src/receiver.js",
  parser: "../../workers/parser.js",
  stage: "../../workers/stage.js",
  agent: "../../workers/agent.js",
  notifier: "../../workers/notifier.js",
} as const;
export type Kind = keyof typeof ENTRY;
export const KINDS = Object.keys(ENTRY) as Kind[];

/** Supervisors wait a little before they start something again, in ms. */
const PAUSE_MS = 500;
const LOOK_MS = 20;
/** What is told to stop must have drained by then, in ms. */
const DRAIN_MS = 30_000;
/** What every entry logs when it has started. */
const UP = " is up";
/** Who is refused by Redis, or finds none, while it starts ends so: its supervisor tries again. */
const NOT_STARTED = 1;

/** A place in the fleet: whoever sits there is replaced when it ends, as by a supervisor. */
export interface Seat {
  readonly name: string;
  readonly kind: Kind;
  /** 0: nobody sits there at the moment. */
  pid(): number;
  /** False: nobody was there to hear it. */
  signal(signal: NodeJS.Signals): boolean;
  /** Tells it to stop, and starts another: a deployment. */
  replace(): Promise<void>;
  /** Tells it to stop, for good; what didn't go as it must since the seat was taken. */
  leave(): Promise<readonly string[]>;
}

/**
 * @param log everything printed by whoever sits there is appended to this file
 * @param entry what is run there
 */
export function takeSeat(
  name: string,
  kind: Kind,
  env: Readonly<Record<string, string>>,
  log: string,
  entry = fileURLToPath(new URL(ENTRY[kind], import.meta.url)),
): Seat {
  let child: ChildProcess | null = null;
  let left = false;
  let printedBefore = 0;
  const unclean: string[] = [];
  /** Whose end was asked for. */
  const ended = new WeakSet<ChildProcess>();
  /** Did the one before end while it started? */
  let failing = false;
  const isUp = () => readFileSync(log).includes(UP, printedBefore);
  const sit = () => {
    const file = openSync(log, "a");
    printedBefore = fstatSync(file).size;
    // Ctrl-C in a terminal reaches its whole group, and is ours to pass on.
    const started = tracked(
      spawn(process.execPath, [entry], { env, stdio: ["ignore", file, file], detached: true }),
    );
    closeSync(file);
    child = started;
    started.once("exit", async (code, signal) => {
      child = null;
      const byItself = !ended.has(started);
      failing = byItself && code === NOT_STARTED && !isUp();
      if (byItself && !failing) unclean.push(`ended with ${code ?? signal} by itself`);
      await pause(PAUSE_MS);
      if (!left) sit();
    });
  };
  const dismiss = async () => {
    const told = child;
    if (told === null) return;
    // Its first line says that it listens to signals from then on.
    const hears = () => told !== child || statSync(log).size > printedBefore;
    const patience = performance.now() + DRAIN_MS;
    while (!hears() && performance.now() < patience) await pause(LOOK_MS);
    ended.add(told);
    const wrong = told === child ? await stop(told) : null;
    if (wrong !== null) unclean.push(wrong);
  };
  sit();
  return {
    name,
    kind,
    pid: () => child?.pid ?? 0,
    signal(signal) {
      if (child !== null && signal === "SIGKILL") ended.add(child);
      return child?.kill(signal) ?? false;
    },
    async replace() {
      await dismiss();
    },
    async leave() {
      if (!left && failing && !isUp()) unclean.push("didn't start any more");
      left = true;
      await dismiss();
      return unclean;
    },
  };
}

/** How that went; null: as it must. */
async function stop(child: ChildProcess): Promise<string | null> {
  const exit = once(child, "exit");
  child.kill("SIGCONT");
  child.kill("SIGTERM");
  if (await within(DRAIN_MS, exit)) {
    const [code, signal] = await exit;
    return code === 0 ? null : `ended with ${code ?? signal} when it was told to stop`;
  }
  child.kill("SIGKILL");
  await exit;
  return `was still there ${DRAIN_MS / 1_000} s after it was told to stop`;
}
