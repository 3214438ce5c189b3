import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
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

async function open(): Promise<OpenSpool> {
  const log = silentLogger();
  const spool = await openDeliverySpool({ folder, maxBytes: 1_000_000, tryLock, log });
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
