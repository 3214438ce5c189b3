import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const POLL_MS = 50;
/** Generous, since suites share two cores and may run on the WebAssembly engine. */
const DEADLINE_MS = 90_000;

/** Built entries, relative to the package's folder. */
export const ENTRY = {
  cli: "dist/src/cli/main.js",
  receiver: "dist/src/receiver.js",
  parser: "dist/workers/parser.js",
  stage: "dist/workers/stage.js",
  agent: "dist/workers/agent.js",
  notifier: "dist/workers/notifier.js",
} as const;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours under test. */
export interface Running {
  readonly pid: number;
  /** Standard output and standard error so far. */
  out(): string;
  err(): string;
  /** Log lines so far, parsed; what isn't JSON is left out. */
  log(): readonly Record<string, unknown>[];
  /** The first log line with this message; waits for it. */
  logged(message: string): Promise<Record<string, unknown>>;
  signal(signal: NodeJS.Signals): void;
  exited(): Promise<Exit>;
}

const started = new Set<ChildProcess>();

/** Starts a built entry; the environment is exactly `env` and PATH. */
export function startProcess(
  entry: keyof typeof ENTRY,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Running {
  const path = fileURLToPath(new URL(`../../${ENTRY[entry]}`, import.meta.url));
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`npm run build\` in ${ROOT}`);
  return startNode(path, args, env, cwd);
}

/** The same for any script. */
export function startNode(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Running {
  const child = spawn(process.execPath, [path, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.add(child);
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text.out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text.err += chunk;
  });
  const exit = once(child, "close").then(([code, signal]): Exit => ({ code, signal }));
  const log = () => text.err.split("\n").flatMap(parsed);
  const name = `${basename(path)} ${args.join(" ")}`.trim();
  return {
    pid: child.pid ?? 0,
    out: () => text.out,
    err: () => text.err,
    log,
    async logged(message) {
      const find = () => log().find((line) => line.msg === message);
      await until(`${name} logs "${message}"`, async () => {
        if (find() === undefined && child.exitCode !== null) {
          throw new Error(`${name} ended with ${child.exitCode}:\n${text.out}${text.err}`);
        }
        return find() !== undefined;
      }).catch((error: Error) => {
        throw new Error(`${error.message}\n${text.out}${text.err}`);
      });
      return find() ?? {};
    },
    signal: (signal) => child.kill(signal),
    exited: () => exit,
  };
}

/** Runs one to its end. */
export async function runProcess(
  entry: keyof typeof ENTRY,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Exit & { readonly out: string; readonly err: string }> {
  const running = startProcess(entry, args, env, cwd);
  return { ...(await running.exited()), out: running.out(), err: running.err() };
}

/** For `afterEach`: nothing a test started outlives it. */
export async function killProcesses(): Promise<void> {
  const children = [...started];
  started.clear();
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }),
  );
}

/** Waits until it holds; fails naming what didn't come. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`this never came: ${what}`);
    await pause(POLL_MS);
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

function parsed(line: string): Record<string, unknown>[] {
  if (!line.startsWith("{")) return [];
  try {
    return [JSON.parse(line)];
  } catch {
    // The line's end hasn't come yet.
    return [];
  }
}
