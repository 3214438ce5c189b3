import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

/** One command to be run to its end, or to be stopped. Times are in milliseconds. */
export interface SupervisedCommand {
  readonly command: readonly string[];
  readonly cwd: string;
  /** All the command sees; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Stopped after this long without output; absent: it may be silent. */
  readonly silentMs?: number;
  /** Aborted: the command is stopped. */
  readonly signal?: AbortSignal;
  /** Takes stdout and stderr as they come. */
  readonly onOutput?: (chunk: string) => void;
  /** Between TERM and KILL; default 10 s. */
  readonly graceMs?: number;
}

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
const POLL_MS = 25;
const TAIL_LENGTH = 4_096;

/**
 * Runs a command in a process group of its own and sees to its end: by itself, by time, by silence
 * or by abort. When this returns nothing of the group is alive. Never throws for what the command
 * does. A watchdog ends the group if this process is killed.
 */
export async function runSupervised(order: SupervisedCommand): Promise<ProcessOutcome> {
  if (order.signal?.aborted) return { kind: "stopped", tail: "" };
  const [file, ...args] = order.command;
  if (!file) return { kind: "unstartable", reason: "no command is given", tail: "" };
  const child = spawn(file, args, {
    cwd: order.cwd,
    env: { ...order.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = follow(child, order.onOutput);
  const started = await startOf(child);
  if (started !== null) return { kind: "unstartable", reason: started, tail: "" };
  const watchdog = guard(child.pid ?? 0, order.graceMs ?? GRACE_MS);
  feed(child, order.stdin ?? "");
  try {
    return await supervise(child, order, output);
  } finally {
    watchdog.kill("SIGKILL");
  }
}

async function supervise(
  child: ChildProcess,
  order: SupervisedCommand,
  output: Output,
): Promise<ProcessOutcome> {
  const group = child.pid ?? 0;
  const exited = exitOf(child);
  const limits = watchLimits(order, output);
  const first = await Promise.race([exited, limits.reached]);
  limits.dispose();
  const stoppedByUs = first.kind !== "exited" && first.kind !== "killed";
  await endGroup(group, stoppedByUs ? (order.graceMs ?? GRACE_MS) : LEFTOVER_GRACE_MS);
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

function follow(child: ChildProcess, onOutput: ((chunk: string) => void) | undefined): Output {
  let tail = "";
  let last = performance.now();
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const take = (chunk: string): void => {
    last = performance.now();
    tail = (tail + chunk).slice(-TAIL_LENGTH);
    onOutput?.(chunk);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", take);
  return {
    tail: () => tail,
    silentForMs: () => performance.now() - last,
    async drained() {
      // A process that left the group may hold the pipes open for ever.
      await Promise.race([closed, wait(LEFTOVER_GRACE_MS, undefined, { ref: false })]);
      child.stdout?.destroy();
      child.stderr?.destroy();
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

/** TERM, and KILL for what is left after `graceMs`. Returns when the group is gone. */
async function endGroup(group: number, graceMs: number): Promise<void> {
  if (!send(group, "SIGTERM")) return;
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline) {
    await wait(POLL_MS);
    if (!send(group, 0)) return;
  }
  send(group, "SIGKILL");
  // Zombies are reaped by whoever adopted them; KILL itself can't be refused.
  const killed = performance.now() + LEFTOVER_GRACE_MS;
  while (send(group, 0) && performance.now() < killed) await wait(POLL_MS);
}

/** False: nobody is left in the group. */
function send(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    if (error.code === "ESRCH") return false;
    // Somebody is there who changed user: we can't reach it, but it isn't gone.
    if (error.code === "EPERM") return true;
    throw error;
  }
}

/**
 * Waits on a pipe that only this process holds open: when it breaks, this process is gone and the
 * group with it, within the bound for agents of killed workers.
 */
function guard(group: number, graceMs: number): ChildProcess {
  const script = 'read -r _; kill -s TERM -- "-$1"; sleep "$2"; kill -s KILL -- "-$1"';
  const seconds = String(Math.ceil(graceMs / 1000));
  const watchdog = spawn("/bin/sh", ["-c", script, "watchdog", String(group), seconds], {
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.on("error", () => watchdog.stdin?.destroy());
  watchdog.stdin?.on("error", () => watchdog.stdin?.destroy());
  watchdog.unref();
  return watchdog;
}
