import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { endProcesses } from "./end-processes.js";
import { MARK } from "./survivors.js";
import { guard } from "./watchdog.js";

/** One command to be run to its end, or to be stopped. Times are in milliseconds. */
export interface SupervisedCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  /** All the command sees, beside its mark; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Stopped after this long without output; absent: it may be silent. */
  readonly silentMs?: number;
  /** Aborted: the command is stopped. */
  readonly signal?: AbortSignal;
  /** Takes stdout and stderr as they come. */
  readonly onOutput?: (chunk: string, source: OutputSource) => void;
  /** Between TERM and KILL; default 10 s. */
  readonly graceMs?: number;
}

export type OutputSource = "stdout" | "stderr";

export type ProcessOutcome =
  | { readonly kind: "exited"; readonly code: number; readonly tail: string }
  | { readonly kind: "killed"; readonly by: NodeJS.Signals; readonly tail: string }
  | { readonly kind: "timed_out"; readonly afterMs: number; readonly tail: string }
  | { readonly kind: "silent"; readonly silentForMs: number; readonly tail: string }
  | { readonly kind: "stopped"; readonly tail: string }
  | { readonly kind: "unstartable"; readonly reason: string; readonly tail: "" };

const GRACE_MS = 10_000;
/** What a command leaves running in its group after a normal end gets this long. */
const LEFTOVER_GRACE_MS = 1_000;
const TAIL_LENGTH = 4_096;

/**
 * Runs a command in a process group of its own and sees to its end: by itself, by time, by silence
 * or by abort. When this returns, nothing is alive of its group or carries its mark. Never throws for
 * what the command does. A watchdog sees to the same if this process is killed.
 */
export async function runSupervised(order: SupervisedCommand): Promise<ProcessOutcome> {
  if (order.signal?.aborted) return { kind: "stopped", tail: "" };
  const [file, ...args] = order.command;
  if (!file) return { kind: "unstartable", reason: "no command is given", tail: "" };
  const mark = randomUUID();
  const child = spawned(file, args, { cwd: order.cwd, env: { ...order.env, [MARK]: mark } });
  if (typeof child === "string") return { kind: "unstartable", reason: child, tail: "" };
  const output = follow(child, order.onOutput);
  const started = await startOf(child);
  if (started !== null) return { kind: "unstartable", reason: started, tail: "" };
  const watchdog = guard(child.pid ?? 0, mark, order.graceMs ?? GRACE_MS);
  feed(child, order.stdin ?? "");
  try {
    return await supervise(child, mark, order, output);
  } finally {
    watchdog.kill("SIGKILL");
  }
}

/** Or why it can't be: for some reasons `spawn` throws, and for others it says so later. */
function spawned(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): ChildProcess | string {
  try {
    return spawn(file, args, { ...options, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    return error instanceof Error ? `${error.message} (${file})` : String(error);
  }
}

async function supervise(
  child: ChildProcess,
  mark: string,
  order: SupervisedCommand,
  output: Output,
): Promise<ProcessOutcome> {
  const group = child.pid ?? 0;
  const exited = exitOf(child);
  const limits = watchLimits(order, output);
  const first = await Promise.race([exited, limits.reached]);
  limits.dispose();
  const stoppedByUs = first.kind !== "exited" && first.kind !== "killed";
  await endProcesses(
    { group, mark },
    stoppedByUs ? (order.graceMs ?? GRACE_MS) : LEFTOVER_GRACE_MS,
  );
  await exited;
  await output.drained();
  return { ...first, tail: output.tail() };
}

type WithoutTail<Outcome> = Outcome extends unknown ? Omit<Outcome, "tail"> : never;
type End = WithoutTail<Extract<ProcessOutcome, { kind: "exited" | "killed" }>>;
type Limit = WithoutTail<Extract<ProcessOutcome, { kind: "timed_out" | "silent" | "stopped" }>>;

function exitOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => {
      resolve(
        code === null ? { kind: "killed", by: signal ?? "SIGKILL" } : { kind: "exited", code },
      );
    });
  });
}

/** Null: it runs; else why it doesn't. */
function startOf(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    child.once("spawn", () => resolve(null));
    child.once("error", (error) => resolve(error.message));
  });
}

function watchLimits(order: SupervisedCommand, output: Output) {
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };
  let stop: () => void = () => undefined;
  const reached = new Promise<Limit>((resolve) => {
    stop = () => resolve({ kind: "stopped" });
    order.signal?.addEventListener("abort", stop, { once: true });
    if (order.signal?.aborted) stop();
    after(order.timeoutMs, () => resolve({ kind: "timed_out", afterMs: order.timeoutMs }));
    const { silentMs } = order;
    if (silentMs === undefined) return;
    const look = (): void => {
      const silentForMs = output.silentForMs();
      if (silentForMs >= silentMs) resolve({ kind: "silent", silentForMs });
      else after(Math.ceil(silentMs - silentForMs), look);
    };
    after(silentMs, look);
  });
  return {
    reached,
    dispose(): void {
      order.signal?.removeEventListener("abort", stop);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

interface Output {
  /** The last of what it wrote, at most 4 KB. */
  tail(): string;
  silentForMs(): number;
  drained(): Promise<void>;
}

function follow(child: ChildProcess, onOutput: SupervisedCommand["onOutput"]): Output {
  let tail = "";
  let last = performance.now();
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const take = (source: OutputSource) => (chunk: string) => {
    last = performance.now();
    tail = (tail + chunk).slice(-TAIL_LENGTH);
    onOutput?.(chunk, source);
  };
  child.stdout?.setEncoding("utf8").on("data", take("stdout"));
  child.stderr?.setEncoding("utf8").on("data", take("stderr"));
  return {
    tail: () => tail,
    silentForMs: () => performance.now() - last,
    async drained() {
      // A process that left the group may hold the pipes open for ever.
      await Promise.race([closed, wait(LEFTOVER_GRACE_MS, undefined, { ref: false })]);
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
    },
  };
}

function feed(child: ChildProcess, text: string): void {
  child.stdin?.on("error", () => {
    // Nobody has to read the prompt: a command that ends or closes its input early is fine.
    child.stdin?.destroy();
  });
  child.stdin?.end(text);
}
