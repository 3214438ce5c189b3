import { ConfigError } from "../../config/errors.js";
import type { RunningWorker } from "../../queue/worker.js";
import type { Logger } from "../../telemetry/logger.js";
import { EXIT_USAGE } from "./configure.js";

/** One Ctrl-C can arrive twice: from the terminal, and from an `npm` that passes it on. In ms. */
const ONE_KEYPRESS_MS = 250;
/** What was told to stop has its 10 s between TERM and KILL, and then something to write down. */
const LETTING_GO_MS = 30_000;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once, with 1. */
export function untilToldToStop(log: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let told: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      const now = performance.now();
      if (told !== null) {
        if (signal === "SIGINT" && now - told < ONE_KEYPRESS_MS) return;
        log.warn({ signal }, "told twice: stopping at once");
        process.exit(1);
      }
      told = now;
      log.info({ signal }, "stopping; what is under way may end");
      resolve(signal);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

/**
 * What leads up to taking work. Being told to stop meanwhile ends the process with 0: nothing is
 * under way, and a Redis that can't be reached must not hold it.
 */
export function unlessToldToStop<T>(
  told: Promise<NodeJS.Signals>,
  starting: Promise<T>,
): Promise<T> {
  let started = false;
  void told.then(() => {
    if (!started) process.exit(0);
  });
  return starting.finally(() => {
    started = true;
  });
}

/**
 * Takes nothing new and lets what is under way end; what hasn't after `drainMs` is stopped and runs
 * again elsewhere.
 * @throws DrainError if even that comes to no end, as when Redis is away
 */
export async function drain(
  workers: readonly RunningWorker[],
  drainMs: number,
  log: Logger,
): Promise<void> {
  const drained = Promise.all(workers.map((worker) => worker.drain())).then(() => true);
  if (await within(drainMs, drained)) return;
  log.warn("the drain's time is up; stopping what is left");
  for (const worker of workers) worker.abort("the worker is stopping");
  if (!(await within(LETTING_GO_MS, drained))) throw new DrainError();
}

/** What was under way neither ended nor could be given back. */
export class DrainError extends Error {
  readonly code = "drain-failed";

  constructor() {
    super("What was under way could not be given back; it runs again when its lock has ended");
    this.name = "DrainError";
  }
}

/** True if it ended in time. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a process from start to drained and ends it: 0, 2 for a configuration that can't be had here,
 * or 1, saying what is wrong; where in the code only for faults that nobody expects.
 */
export async function asProcess(run: () => Promise<void>): Promise<never> {
  try {
    await run();
  } catch (error) {
    console.error(describeFault(error));
    process.exit(error instanceof ConfigError ? EXIT_USAGE : 1);
  }
  process.exit();
}

/** Errors people can do something about carry a code and say what. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = "code" in error && typeof error.code === "string";
  return expected ? error.message : (error.stack ?? error.message);
}
