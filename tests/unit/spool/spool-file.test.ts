import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSpoolFile, type SpoolFile } from "../../../src/spool/spool-file.js";
import { SpoolRefused } from "../../../src/webhooks/ports.js";

let folder: string;
let path: string;
let file: SpoolFile;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stagecoach-spool-"));
  path = join(folder, "1.jsonl");
  file = await openSpoolFile(path, 10_000);
});

afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true });
});

async function reopen(maxBytes = 10_000): Promise<void> {
  await file.close();
  file = await openSpoolFile(path, maxBytes);
}

async function drained(): Promise<string[]> {
  const lines: string[] = [];
  await file.drain(async (line) => {
    lines.push(line);
  });
  return lines;
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`);

describe("the spool's file", () => {
  it("gives back what was appended at once, in its order, also to a later process", async () => {
    await Promise.all(numbered(300).map((line) => file.append(line)));
    await reopen();
    expect(file.waiting()).toBe(300);
    expect(await drained()).toEqual(numbered(300));
    expect(file.waiting()).toBe(0);
    await reopen();
    expect(await drained()).toEqual([]);
  });

  it("has a line on disk when it says so", async () => {
    await file.append("kept");
    expect(await readFile(path, "utf8")).toBe("kept\n");
  });

  it("cuts off what a crash left of a line, and appends after the whole ones", async () => {
    await file.append("whole ü");
    await appendFile(path, '{"torn');
    await reopen();
    expect(file.waiting()).toBe(1);
    await file.append("next");
    expect(await drained()).toEqual(["whole ü", "next"]);
  });

  it("hands a line over again when it wasn't taken, with those after it", async () => {
    for (const line of numbered(5)) await file.append(line);
    const seen: string[] = [];
    const taking = file.drain(async (line) => {
      seen.push(line);
      if (line === "line 2") throw new Error("the store is away");
    });
    await expect(taking).rejects.toThrow("the store is away");
    expect(file.waiting()).toBe(3);
    await file.append("line 5");
    expect([...seen, ...(await drained())]).toEqual([
      "line 0",
      "line 1",
      "line 2",
      "line 3",
      "line 4",
      "line 2",
      "line 3",
      "line 4",
      "line 5",
    ]);
  });

  it("has many lines taken together, so that more can't come than go, but not all at once", async () => {
    for (const line of numbered(200)) await file.append(line);
    let under = 0;
    let most = 0;
    await file.drain(async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise(setImmediate);
      under -= 1;
    });
    expect(most).toBe(50);
  });

  it("hands over what comes while it is drained, before it ends", async () => {
    await file.append("first");
    const lines: string[] = [];
    await file.drain(async (line) => {
      lines.push(line);
      if (lines.length < 4) await file.append(`after ${line}`);
    });
    expect(lines).toEqual(["first", "after first", "after after first", "after after after first"]);
    expect(file.waiting()).toBe(0);
  });

  it("is drained by one at a time", async () => {
    await file.append("once");
    const lines = (await Promise.all([drained(), drained()])).flat();
    expect(lines).toEqual(["once"]);
  });

  it("refuses what doesn't fit, keeps the rest, and has room again once it is drained", async () => {
    await reopen(30);
    await file.append("x".repeat(20));
    await expect(file.append("y".repeat(20))).rejects.toThrow(SpoolRefused);
    expect(file.waiting()).toBe(1);
    expect(await drained()).toEqual(["x".repeat(20)]);
    expect((await stat(path)).size).toBe(0);
    await file.append("y".repeat(20));
    expect(await drained()).toEqual(["y".repeat(20)]);
  });

  it("loses nothing between appends and drains that go on together", async () => {
    const lines: string[] = [];
    const take = async (line: string) => {
      lines.push(line);
    };
    for (const line of numbered(200)) {
      const appended = file.append(line);
      await Promise.all([appended, file.drain(take)]);
    }
    await file.drain(take);
    expect(lines).toEqual(numbered(200));
    expect(file.waiting()).toBe(0);
  });

  it("keeps its bound also while lines are being written", async () => {
    const line = "x".repeat(999);
    // What comes in turns of the event loop meets writes that are under way.
    const kept: Promise<boolean>[] = [];
    for (let turn = 0; turn < 400; turn += 1) {
      kept.push(
        file.append(line).then(
          () => true,
          () => false,
        ),
      );
      if (turn % 9 === 8) await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await Promise.all(kept)).filter(Boolean)).toHaveLength(10);
    expect((await stat(path)).size).toBe(10_000);
  });
});
