import { join } from "node:path";
import { accessUrl, readAccess } from "./embedded-access.js";
import { probe } from "./probe.js";

/**
 * The address, with its password, of the Redis that another process of this machine runs below
 * `dataDir`; null: none does. One in WebAssembly keeps nothing there and isn't found.
 */
export async function findEmbeddedRedis(dataDir: string): Promise<string | null> {
  const access = readAccess(join(dataDir, "redis"));
  if (access === null) return null;
  const url = accessUrl(access);
  const { kind } = await probe(url);
  return kind === "ready" || kind === "loading" ? url : null;
}
