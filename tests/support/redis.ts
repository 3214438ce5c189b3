import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../src/redis/embedded-access.js";

export interface TestRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A server of one's own can be frozen and killed; pid of its process. */
export interface OwnRedis extends TestRedis {
  readonly pid: number;
}

/** The run's shared server if there is one, else one of its own. Use a prefix of your own with it. */
export async function startRedis(): Promise<TestRedis> {
  const url = process.env.STAGECOACH_TEST_REDIS_URL;
  return url ? { url, stop: async () => undefined } : startOwnRedis();
}

/** A prefix no other test has; with its hash tag it also works in a cluster. */
export function uniquePrefix(): string {
  return `{test-${randomBytes(6).toString("hex")}}`;
}

/**
 * Native from PATH, or the WebAssembly engine where there is none or STAGECOACH_TEST_REDIS=wasm.
 * @param settings of its own, which only a native one obeys
 */
export async function startOwnRedis(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-redis-"));
  const { child, ready } = spawnServer(port, folder, settings);
  await said(child, ready);
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, "exit");
        child.kill("SIGCONT");
        child.kill("SIGKILL");
        await exit;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `ready` is what the server says once it listens. */
function spawnServer(
  port: number,
  folder: string,
  own: Readonly<Record<string, string>>,
): { child: ChildProcess; ready: string } {
  const native = isNative() ? nativeServer() : undefined;
  const stdio: ["ignore", "pipe", "inherit"] = ["ignore", "pipe", "inherit"];
  if (native === undefined) {
    const entry = fileURLToPath(new URL("./valkey-server.mjs", import.meta.url));
    const args = ["--no-warnings", entry, String(port)];
    // The engine's own words come before its socket listens.
    return { child: spawn(process.execPath, args, { cwd: folder, stdio }), ready: "LISTENING" };
  }
  const settings = { port, bind: "127.0.0.1", save: "", appendonly: "no", dir: folder, ...own };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return { child: spawn(native, args, { cwd: folder, stdio }), ready: "Ready to accept" };
}

/** Can a server be started that obeys settings? */
export function isNative(): boolean {
  return process.env.STAGECOACH_TEST_REDIS !== "wasm" && nativeServer() !== undefined;
}

function nativeServer(): string | undefined {
  return ["redis-server", "valkey-server"].find(
    (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
  );
}

async function said(child: ChildProcess, words: string): Promise<void> {
  const output = child.stdout;
  if (output === null) throw new Error("the server has no output");
  await new Promise<void>((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`The server ended with ${code}: ${text}`)));
    output.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (text.includes(words)) resolve();
    });
  });
}
