import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { RedisConnection } from "./connection.js";

/** Runs one Lua script: its KEYS, its ARGV, and whatever it returns. */
export type Script = (
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/** Lua that isn't in a file here, by the name it is included under. */
type Parts = Readonly<Record<string, string>>;

/**
 * The script `scripts/<name>.lua` beside this file, in the sources and in the build alike. Read when
 * this is called, sent whole only where the server doesn't know it yet. A line `--@include <part>`
 * stands for that file, or for the text that `parts` has for it, since Redis' scripts can't call each other.
 * @throws if there is no such file
 */
export function script(redis: RedisConnection, name: string, parts: Parts = {}): Script {
  const lua = readScript(name, parts);
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

function readScript(name: string, parts: Parts): string {
  const text = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), "utf8");
  const partOf = (part: string) => parts[part] ?? readScript(part, parts);
  return text.replace(/^--@include (\S+)$/gm, (_, part: string) => partOf(part));
}
