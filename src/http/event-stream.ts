import { PassThrough, type Readable } from "node:stream";

/** How long a browser waits before it comes again, in ms. */
const COME_AGAIN_MS = 3_000;

export interface StreamTimes {
  /** Between signs of life, in ms, so that no proxy takes the stream for dead. */
  readonly beatMs: number;
  /** The stream's life, in ms: who comes again is asked again who it is. */
  readonly longestMs: number;
}

/** Server-sent events to one browser. */
export interface EventStream {
  readonly body: Readable;
  /** False: it still has to read what it was sent. Nothing is kept for it; try again later. */
  send(event: string, data: unknown, id?: number): boolean;
  end(): void;
  onClose(then: () => void): void;
}

export function eventStream({ beatMs, longestMs }: StreamTimes): EventStream {
  const body = new PassThrough();
  const write = (text: string): boolean => {
    if (body.writableNeedDrain || body.writableEnded || body.destroyed) return false;
    body.write(text);
    return true;
  };
  const end = () => {
    body.end();
  };
  write(`retry: ${COME_AGAIN_MS}\n\n`);
  const beat = setInterval(() => write(":\n\n"), beatMs);
  const last = setTimeout(end, longestMs);
  body.once("close", () => {
    clearInterval(beat);
    clearTimeout(last);
  });
  return {
    body,
    send(event, data, id) {
      const named = id === undefined ? "" : `id: ${id}\n`;
      return write(`event: ${event}\n${named}data: ${JSON.stringify(data)}\n\n`);
    },
    end,
    onClose: (then) => {
      body.once("close", then);
    },
  };
}
