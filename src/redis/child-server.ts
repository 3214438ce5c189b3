import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Logger } from "../telemetry/logger.js";

const STOP_MS = 10_000;
const LINES_KEPT = 20;

/** A server process of ours with what it last said. It leads its own process group. */
export interface ChildServer {
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  /** Its last lines, for an error's text. */
  lastWords(): string;
  /** From now on an end nobody asked for is logged. */
  expectToStay(): void;
  /** Asks it by `ask` to end; after ten seconds it is killed with its group. */
  stop(ask: () => void): Promise<void>;
}

/** Follows a child that was spawned `detached`, so that a terminal's Ctrl-C reaches only us. */
export function followServer(child: ChildProcess, log: Logger): ChildServer {
  const lines: string[] = [];
  let ended = false;
  let settled = false;
  let asked = false;
  const hear = (line: string) => {
    lines.push(line);
    lines.splice(0, lines.length - LINES_KEPT);
    log.debug({ redis: line }, "embedded Redis");
  };
  for (const output of [child.stdout, child.stderr]) {
    if (output) createInterface({ input: output }).on("line", hear);
  }
  const gone = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      lines.push(error.message);
      resolve();
    });
    child.once("exit", () => resolve());
  }).then(() => {
    ended = true;
    killGroup(child);
    if (settled && !asked) log.error({ lastWords: lines.join("\n") }, "the embedded Redis ended");
  });
  return {
    ended: gone,
    hasEnded: () => ended,
    lastWords: () => lines.join("\n"),
    expectToStay: () => {
      settled = true;
    },
    stop: async (ask) => {
      asked = true;
      if (ended) return;
      ask();
      const timer = setTimeout(() => killGroup(child), STOP_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** What a killed guard left behind is in its group. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
