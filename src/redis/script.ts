import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RedisConnection } from "./connection.js";

/** Runs one Lua script: its KEYS, its ARGV, and whatever it returns. */
export type Script = (
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/**
 * The script `scripts/<name>.lua` beside this file, in the sources and in the build alike. Read when
 * this is called, sent whole only where the server doesn't know it yet. A line `--@include <part>`
 * stands for that file, since Redis' scripts can't call each other.
 * @throws if there is no such file
 */
export function script(redis: RedisConnection, name: string): Script {
  const lua = readScript(name);
  const sha = createHash("sha1").update(lua).digest("hex");
  return async (keys, args) => {
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      // The protocol's error code is the first word of the reply; nothing else tells this one apart.
      if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  };
}

function readScript(name: string): string {
  const text = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");
  return text.replace(/^--@include (\S+)$/gm, (_, part: string) => readScript(part));
}
