import type { RunnerEnding } from "../domain/run.js";

type Ending = Extract<RunnerEnding, { kind: "cancelled" | "timed_out" | "silent" | "transient" }>;
type WithoutReport<Ending> = Ending extends unknown ? Omit<Ending, "report"> : never;
type Stop = WithoutReport<Ending>;

/** Stops a run inside this process: by time, by silence, by a fault, or because the caller says so. */
export interface RunWatch {
  /** Aborts when the run must stop. */
  readonly signal: AbortSignal;
  /** Why it must; null: it needn't. */
  stopped(): Stop | null;
  /** It can't go on here, whatever the agent does. */
  faulty(reason: string): void;
  /** Something was heard of the agent. */
  heard(): void;
  dispose(): void;
}

export interface WatchLimits {
  readonly timeoutMs: number;
  readonly silentMs: number;
}

export function watchRun(limits: WatchLimits, caller: AbortSignal): RunWatch {
  const stop = new AbortController();
  let reason: Stop | null = null;
  let last = performance.now();
  const end = (why: Stop): void => {
    reason ??= why;
    stop.abort();
  };
  const cancel = (): void => end({ kind: "cancelled" });
  const timeout = setTimeout(
    () => end({ kind: "timed_out", afterMs: limits.timeoutMs }),
    limits.timeoutMs,
  );
  const look = (): void => {
    const silentForMs = performance.now() - last;
    if (silentForMs >= limits.silentMs) end({ kind: "silent", silentForMs });
    else silence = setTimeout(look, Math.ceil(limits.silentMs - silentForMs));
  };
  let silence = setTimeout(look, limits.silentMs);
  caller.addEventListener("abort", cancel, { once: true });
  if (caller.aborted) cancel();
  return {
    signal: stop.signal,
    stopped: () => reason,
    faulty: (why) => end({ kind: "transient", reason: why }),
    heard() {
      last = performance.now();
    },
    dispose() {
      clearTimeout(timeout);
      clearTimeout(silence);
      caller.removeEventListener("abort", cancel);
    },
  };
}
