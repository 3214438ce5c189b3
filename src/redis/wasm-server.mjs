/**
 * The engine in WebAssembly, in a process of its own: it would hold up whoever shares its event loop.
 * Told `{ port, password }` by its parent, answers `{ kind: "ready" }` or `{ kind: "failed", why }`,
 * and ends with its parent. Plain JavaScript, so that it runs from the sources as from the build.
 */
import { Redis } from "ioredis";
import { PromptValkey } from "./prompt-valkey.mjs";

process.once("disconnect", () => process.exit(0));
process.once("message", (order) => {
  start(order).then(
    () => process.send?.({ kind: "ready" }),
    (error) => process.send?.({ kind: "failed", why: String(error?.message ?? error) }),
  );
});

async function start({ port, password }) {
  await new PromptValkey({ port, host: "127.0.0.1" }).start();
  const redis = new Redis({ port, host: "127.0.0.1", retryStrategy: null, lazyConnect: true });
  let lastError = null;
  redis.on("error", (error) => {
    lastError = error;
  });
  try {
    await redis.connect();
    // The engine doesn't tell when its port was taken; never set a stranger's password.
    if (!/^os:wasi /m.test(await redis.info("server"))) throw new Error(`port ${port} is taken`);
    await redis.config("SET", "requirepass", password);
    // Whoever came in before the password was set must not stay.
    await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  } catch (error) {
    throw lastError ?? error;
  } finally {
    redis.disconnect();
  }
}
