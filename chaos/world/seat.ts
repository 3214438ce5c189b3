import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
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
/** What is told to stop must have drained by then, in ms. */
const DRAIN_MS = 30_000;

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
  /** Tells it to stop, for good; how that went, null: as it must. */
  leave(): Promise<string | null>;
}

/** @param log everything printed by whoever sits there is appended to this file */
export function takeSeat(
  name: string,
  kind: Kind,
  env: Readonly<Record<string, string>>,
  log: string,
): Seat {
  let child: ChildProcess | null = null;
  let left = false;
  const entry = fileURLToPath(new URL(ENTRY[kind], import.meta.url));
  const sit = () => {
    const file = openSync(log, "a");
    // Ctrl-C in a terminal reaches its whole group, and is ours to pass on.
    const started = tracked(
      spawn(process.execPath, [entry], { env, stdio: ["ignore", file, file], detached: true }),
    );
    closeSync(file);
    child = started;
    started.once("exit", async () => {
      child = null;
      await pause(PAUSE_MS);
      if (!left) sit();
    });
  };
  sit();
  return {
    name,
    kind,
    pid: () => child?.pid ?? 0,
    signal: (signal) => child?.kill(signal) ?? false,
    async replace() {
      if (child !== null) await dismiss(child);
    },
    async leave() {
      left = true;
      return child === null ? null : dismiss(child);
    },
  };
}

async function dismiss(child: ChildProcess): Promise<string | null> {
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
