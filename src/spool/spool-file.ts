import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { SpoolRefused } from "../webhooks/ports.js";

/** Lines in a file, appended durably and read from the front; emptied when all were read. */
export interface SpoolFile {
  /** Lines not read yet, those being written included. */
  waiting(): number;
  /**
   * `acknowledged`: it was kept before, in another file, so the bound doesn't refuse it.
   * @throws SpoolRefused
   */
  append(line: string, given?: { readonly acknowledged?: boolean }): Promise<void>;
  /**
   * Reads from the front until the end, or until `take` throws; that line is read again, and those
   * after it. Lines are begun in their order, several before the first is taken.
   */
  drain(take: (line: string) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

interface Pending {
  readonly bytes: Buffer;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Opens or makes the file. What a crash left of a line that was never acknowledged is cut off. */
export async function openSpoolFile(path: string, maxBytes: number): Promise<SpoolFile> {
  const file = await open(path, "a+", 0o600).then(async (made) => {
    await made.close();
    await syncFolder(dirname(path));
    return open(path, "r+");
  });
  const { lines, bytes } = await wholeLines(file);
  await file.truncate(bytes);
  let size = bytes;
  let readAt = 0;
  let waiting = lines;
  let pending: Pending[] = [];
  /** Of lines being written, too. */
  let pendingBytes = 0;
  let writing: Promise<void> | null = null;
  let draining: Promise<void> | null = null;

  const write = async (batch: readonly Pending[]) => {
    const joined = Buffer.concat(batch.map((each) => each.bytes));
    try {
      await file.write(joined, 0, joined.length, size);
      await file.datasync();
      size += joined.length;
      pendingBytes -= joined.length;
      for (const each of batch) each.done();
    } catch (error) {
      waiting -= batch.length;
      pendingBytes -= joined.length;
      const why = error instanceof Error ? error.message : String(error);
      for (const each of batch) {
        each.failed(new SpoolRefused(`The spool can't be written: ${why}`, { cause: error }));
      }
    }
  };
  // Lines that come while others are being written share the next write and its sync.
  const flush = async () => {
    while (pending.length > 0) {
      const batch = pending;
      pending = [];
      await write(batch);
    }
    writing = null;
  };
  const empty = async () => {
    if (readAt < size || writing !== null) return;
    readAt = 0;
    size = 0;
    waiting = 0;
    // What came meanwhile is written even if the old lines couldn't be cut off.
    writing = file.truncate(0).finally(flush);
    await writing;
  };
  const drainTo = async (take: (line: string) => Promise<void>) => {
    while (readAt < size) {
      for await (const lines of together(linesOf(file, readAt, size))) {
        const taken = await Promise.allSettled(lines.map(({ line }) => take(line)));
        for (const [place, outcome] of taken.entries()) {
          if (outcome.status === "rejected") throw outcome.reason;
          readAt = lines[place]?.end ?? readAt;
          waiting -= 1;
        }
      }
    }
    await empty();
  };
  return {
    waiting: () => waiting,
    append(line, { acknowledged = false } = {}) {
      const bytes = Buffer.from(`${line}\n`);
      if (!acknowledged && size + pendingBytes + bytes.length > maxBytes) {
        return Promise.reject(new SpoolRefused(`The spool is full (${maxBytes} bytes)`));
      }
      waiting += 1;
      pendingBytes += bytes.length;
      return new Promise((done, failed) => {
        pending.push({ bytes, done, failed });
        writing ??= flush();
      });
    },
    drain(take) {
      draining ??= drainTo(take).finally(() => {
        draining = null;
      });
      return draining;
    },
    async close() {
      await writing;
      await file.close();
    },
  };
}

/** A new file is only found after a power loss if its folder was synced. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * What comes while others wait is spooled behind them, so taking must be faster than coming: lines that
 * are taken together share their trips to the store.
 */
const TOGETHER = { lines: 50, characters: 1024 * 1024 } as const;

async function* together(lines: AsyncIterable<SpooledLine>): AsyncGenerator<SpooledLine[]> {
  let batch: SpooledLine[] = [];
  let characters = 0;
  for await (const line of lines) {
    batch.push(line);
    characters += line.line.length;
    if (batch.length < TOGETHER.lines && characters < TOGETHER.characters) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

interface SpooledLine {
  readonly line: string;
  /** Where it ends in the file. */
  readonly end: number;
}

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

/** How many whole lines the file has, and where the last of them ends. */
async function wholeLines(file: FileHandle): Promise<{ lines: number; bytes: number }> {
  let lines = 0;
  let bytes = 0;
  for await (const { end } of linesOf(file, 0, (await file.stat()).size)) {
    lines += 1;
    bytes = end;
  }
  return { lines, bytes };
}

/** The whole lines between two places of a file, each with where it ends. */
export async function* linesOf(
  file: FileHandle,
  from: number,
  to: number,
): AsyncGenerator<SpooledLine> {
  let rest = Buffer.alloc(0);
  let at = from;
  let end = from;
  while (at < to) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let next = rest.indexOf(NEWLINE); next >= 0; next = rest.indexOf(NEWLINE)) {
      end += next + 1;
      if (end > to) return;
      yield { line: rest.toString("utf8", 0, next), end };
      rest = rest.subarray(next + 1);
    }
  }
}
