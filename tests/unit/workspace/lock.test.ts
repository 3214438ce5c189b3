import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tryLock, withLock } from "../../../src/workspace/lock.js";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stagecoach-lock-"));
  path = join(folder, "deep/lock");
});
afterEach(() => rm(folder, { recursive: true }));

describe("lock file", () => {
  it("lets exactly one of fifty in, and the next one after release", async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => tryLock(path)));
    const held = all.filter((lock) => lock !== null);
    expect(held).toHaveLength(1);
    await held[0]?.release();
    expect(await tryLock(path)).not.toBeNull();
  });

  it("runs one piece of work at a time, whatever becomes of it", async () => {
    let inside = 0;
    let most = 0;
    const works = Array.from({ length: 20 }, (_, index) =>
      withLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await stat(folder);
        inside -= 1;
        if (index % 2 === 0) throw new Error("no");
      }),
    );
    const results = await Promise.allSettled(works);
    expect(most).toBe(1);
    expect(results.filter((result) => result.status === "rejected")).toHaveLength(10);
  });

  it("is taken over from a process that died, by one of many", async () => {
    const child = spawn("true");
    await once(child, "exit");
    const owner = { host: hostname(), pid: child.pid, started: "1", nonce: "x" };
    await mkdir(dirname(path));
    for (let round = 0; round < 20; round += 1) {
      await writeFile(path, JSON.stringify(owner));
      const all = await Promise.all(Array.from({ length: 20 }, () => tryLock(path)));
      const held = all.filter((lock) => lock !== null);
      expect(held).toHaveLength(1);
      await held[0]?.release();
      expect(await readdir(dirname(path))).toEqual([]);
    }
  });

  it("is taken over from an earlier process with the same pid", async () => {
    await (await tryLock(path))?.release();
    await writeFile(path, JSON.stringify({ host: hostname(), pid: process.pid, started: "1" }));
    expect(await tryLock(path)).not.toBeNull();
  });

  it("is respected while its owner on another host gives signs of life", async () => {
    await (await tryLock(path))?.release();
    const text = JSON.stringify({ host: "elsewhere", pid: 1, started: "1" });
    await writeFile(path, text);
    expect(await tryLock(path)).toBeNull();
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("is not released by one who lost it", async () => {
    const lost = await tryLock(path);
    await writeFile(path, "somebody else's");
    await lost?.release();
    expect(await readFile(path, "utf8")).toBe("somebody else's");
  });
});
