import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Logger } from "../telemetry/logger.js";
import type { DeliverySpool, SpooledDelivery } from "../webhooks/ports.js";
import { linesOf, openSpoolFile, type SpoolFile, syncFolder } from "./spool-file.js";

export interface SpoolOptions {
  readonly folder: string;
  /** Most that is kept, in bytes; beyond it deliveries are refused. */
  readonly maxBytes: number;
  /** Takes a lock file that is free again once its holder is dead; null: somebody alive holds it. */
  readonly tryLock: (path: string) => Promise<{ release(): Promise<void> } | null>;
  readonly log: Logger;
}

export interface OpenSpool extends DeliverySpool {
  /** Takes over what receivers that are gone have left; not while another call does. */
  adopt(): Promise<void>;
  close(): Promise<void>;
}

const FILE = /^(\d{1,6})\.jsonl$/;

const spooled = z.object({
  source: z.enum(["gitea", "plane"]),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  at: z.string(),
});

/**
 * The spool of this receiver: one file under a lock, so that receivers may share the folder. What
 * receivers that are gone have left in theirs is taken over.
 */
export async function openDeliverySpool(options: SpoolOptions): Promise<OpenSpool> {
  const { folder, maxBytes, log } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { held, name } = await takeFile(options);
  const file = await openSpoolFile(join(folder, name), maxBytes);
  await adopt(options, name, file);
  if (file.waiting() > 0) log.warn({ waiting: file.waiting() }, "spooled deliveries are waiting");
  return {
    adopt: () => adopt(options, name, file),
    waiting: () => file.waiting(),
    append: (delivery) => file.append(JSON.stringify(delivery)),
    drain: (take) =>
      file.drain(async (line) => {
        const delivery = read(line);
        if (delivery === null)
          log.error({ file: name }, "an unreadable line of the spool is left out");
        else await take(delivery);
      }),
    async close() {
      await file.close();
      await held.release();
    },
  };
}

function read(line: string): SpooledDelivery | null {
  try {
    return spooled.parse(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** The first file that nobody alive holds. */
async function takeFile({ folder, tryLock }: SpoolOptions) {
  for (let number = 1; ; number += 1) {
    const held = await tryLock(join(folder, `${number}.lock`));
    if (held !== null) return { held, name: `${number}.jsonl` };
  }
}

/**
 * A crash midway leaves lines in both files; taking a delivery twice changes nothing. Together they may
 * have more than the bound: all of it was acknowledged.
 */
async function adopt({ folder, tryLock }: SpoolOptions, own: string, into: SpoolFile) {
  for (const name of await readdir(folder)) {
    const number = FILE.exec(name)?.[1];
    if (number === undefined || name === own) continue;
    const held = await tryLock(join(folder, `${number}.lock`));
    if (held === null) continue;
    // Another one that started at this moment was faster.
    if (!(await readdir(folder)).includes(name)) {
      await held.release();
      continue;
    }
    const path = join(folder, name);
    const left = await open(path, "r");
    for await (const { line } of linesOf(left, 0, (await left.stat()).size))
      await into.append(line, { acknowledged: true });
    await left.close();
    await rm(path);
    await syncFolder(folder);
    await held.release();
  }
}
