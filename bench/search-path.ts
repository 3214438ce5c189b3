import { mkdir, readdir, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Of a native Redis, as it is looked for. */
const SERVERS = ["redis-server", "valkey-server"];

/** A folder below `folder` with links to all programs on PATH but a native Redis. */
export async function pathWithoutRedis(folder: string): Promise<string> {
  const links = join(folder, "bin");
  await mkdir(links);
  const found = new Map<string, string>();
  for (const place of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of await namesIn(place)) {
      if (!found.has(name) && !SERVERS.includes(name)) found.set(name, join(place, name));
    }
  }
  for (const [name, path] of found) await symlink(path, join(links, name));
  return links;
}

/** PATH may name folders that aren't there. */
async function namesIn(place: string): Promise<readonly string[]> {
  try {
    return await readdir(place);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
