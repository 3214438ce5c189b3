import { appendFile, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenSpool, openDeliverySpool } from "../../../src/spool/delivery-spool.js";
import { silentLogger } from "../../../src/telemetry/logger.js";
import type { SpooledDelivery } from "../../../src/webhooks/ports.js";
import { tryLock } from "../../../src/workspace/lock.js";

let folder: string;
const opened: OpenSpool[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stagecoach-spool-"));
});

afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close();
  await rm(folder, { recursive: true });
});

async function open(maxBytes = 1_000_000): Promise<OpenSpool> {
  const log = silentLogger();
  const spool = await openDeliverySpool({ folder, maxBytes, tryLock, log });
  opened.push(spool);
  return spool;
}

function delivery(body: string): SpooledDelivery {
  return {
    source: "gitea",
    headers: { "x-gitea-event": "issues" },
    body,
    at: "2026-03-01T09:00:00Z",
  };
}

async function drained(spool: OpenSpool): Promise<SpooledDelivery[]> {
  const taken: SpooledDelivery[] = [];
  await spool.drain(async (each) => {
    taken.push(each);
  });
  return taken;
}

describe("the spool of deliveries", () => {
  it("gives each back as it was, whatever characters it has", async () => {
    const spool = await open();
    const bodies = ['{"a":"\\n"}', "line\u2028and\u2029paragraph\r\nend", "ü\u0000\u{1f680}"];
    for (const body of bodies) await spool.append(delivery(body));
    expect(await drained(spool)).toEqual(bodies.map(delivery));
  });

  it("has a file of its own for each receiver that shares the folder", async () => {
    const [one, two] = [await open(), await open()];
    await one.append(delivery("1"));
    await two.append(delivery("2"));
    expect((await readdir(folder)).filter((name) => name.endsWith(".jsonl"))).toHaveLength(2);
    expect(await drained(one)).toEqual([delivery("1")]);
    expect(await drained(two)).toEqual([delivery("2")]);
  });

  it("takes over what receivers that are gone have left, and leaves the living theirs", async () => {
    const [one, two, three] = [await open(), await open(), await open()];
    await one.append(delivery("1"));
    await two.append(delivery("2"));
    await three.append(delivery("3"));
    for (const gone of [one, three]) {
      opened.splice(opened.indexOf(gone), 1);
      await gone.close();
    }
    const next = await open();
    expect(await drained(next)).toEqual([delivery("1"), delivery("3")]);
    expect(await drained(two)).toEqual([delivery("2")]);
  });

  it("takes over all that was acknowledged, though together it is more than one may keep", async () => {
    const [one, two] = [await open(300), await open(300)];
    const large = [delivery("1".repeat(100)), delivery("2".repeat(100))];
    await one.append(large[0] ?? delivery(""));
    await two.append(large[1] ?? delivery(""));
    for (const gone of opened.splice(0)) await gone.close();
    const next = await open(300);
    await expect(next.append(delivery("3"))).rejects.toThrow("is full");
    expect(await drained(next)).toEqual(large);
  });

  it("takes over what one on another host left, once that counts as gone", async () => {
    const lock = join(folder, "1.lock");
    await writeFile(lock, '{"host":"elsewhere","pid":1,"started":"0","boot":"0","token":"t"}\n');
    await writeFile(join(folder, "1.jsonl"), `${JSON.stringify(delivery("1"))}\n`);
    const spool = await open();
    expect(spool.waiting()).toBe(0);
    const longAgo = new Date(Date.now() - 120_000);
    await utimes(lock, longAgo, longAgo);
    await spool.adopt();
    expect(await drained(spool)).toEqual([delivery("1")]);
  });

  it("opens though another one took over the same file at the same time", async () => {
    await writeFile(join(folder, "7.jsonl"), `${JSON.stringify(delivery("1"))}\n`);
    const log = silentLogger();
    const late = async (path: string) => {
      if (path.endsWith("7.lock")) await rm(join(folder, "7.jsonl"));
      return tryLock(path);
    };
    opened.push(await openDeliverySpool({ folder, maxBytes: 1_000_000, tryLock: late, log }));
    expect(await readdir(folder)).not.toContain("7.lock");
  });

  it("leaves out a line that can't be read, and goes on", async () => {
    const spool = await open();
    await spool.append(delivery("1"));
    opened.pop();
    await spool.close();
    await appendFile(join(folder, "1.jsonl"), '{"source":"nobody"}\nnot json\n');
    const next = await open();
    await next.append(delivery("2"));
    expect(await drained(next)).toEqual([delivery("1"), delivery("2")]);
    expect(next.waiting()).toBe(0);
  });
});
