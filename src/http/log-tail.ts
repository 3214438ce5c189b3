import { type ReadRunLogs, readableLog, wholeLines } from "../engine/run-logs.js";
import type { Logger } from "../telemetry/logger.js";
import type { EventStream } from "./event-stream.js";

/** Between looks at a log that grows, in ms. */
const LOOK_MS = 500;

/**
 * Sends what a run prints, in whole lines, from a byte of its log on, until the stream closes. Each
 * event carries the byte it ends at as its id, so that a browser that comes again goes on from there.
 */
export function followLog(
  stream: EventStream,
  runLogs: Pick<ReadRunLogs, "readFrom">,
  run: string,
  from: number,
  log: Logger,
): void {
  let at = from;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  const look = async () => {
    const { lines, bytes } = wholeLines(await runLogs.readFrom(run, at));
    if (bytes > 0 && stream.send("log", readableLog(lines), at + bytes)) at += bytes;
  };
  const again = () => {
    timer = setTimeout(() => {
      look().then(
        () => closed || again(),
        (error: unknown) => {
          log.warn({ err: error, run }, "a log that is followed can't be read");
          stream.end();
        },
      );
    }, LOOK_MS);
  };
  stream.onClose(() => {
    closed = true;
    if (timer !== null) clearTimeout(timer);
  });
  again();
}
