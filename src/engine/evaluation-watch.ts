import type { Logger } from "../telemetry/logger.js";

export interface EvaluationWatch {
  /** Aborts when the evaluation is wanted no more, or the worker has to go. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Looks every `everyMs` whether an evaluation is still wanted, so that its command is stopped once it isn't. */
export function watchEvaluation(
  wanted: () => Promise<boolean>,
  everyMs: number,
  outer: AbortSignal,
  log: Logger,
): EvaluationWatch {
  const unwanted = new AbortController();
  const look = async () => {
    if (!(await wanted())) unwanted.abort(new Error("the item moved on"));
  };
  const timer = setInterval(() => {
    look().catch((error: unknown) => log.warn({ err: error }, "a look at the item failed"));
  }, everyMs);
  return {
    signal: AbortSignal.any([outer, unwanted.signal]),
    stop: () => clearInterval(timer),
  };
}
