import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pathWithoutRedis } from "../../../bench/search-path.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stagecoach-path-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function program(place: string, name: string, text: string) {
  await mkdir(join(folder, place), { recursive: true });
  await writeFile(join(folder, place, name), text);
  await chmod(join(folder, place, name), 0o755);
}

it("a path without Redis has every other program, of two of a name the first", async () => {
  await program("one", "git", "first");
  await program("one", "redis-server", "");
  await program("two", "git", "second");
  await program("two", "valkey-server", "");
  await program("two", "sh", "");
  const places = [join(folder, "one"), join(folder, "not there"), join(folder, "two")];
  vi.stubEnv("PATH", places.join(":"));
  const path = await pathWithoutRedis(folder);
  expect((await readdir(path)).sort()).toEqual(["git", "sh"]);
  expect(await readFile(join(path, "git"), "utf8")).toBe("first");
});
