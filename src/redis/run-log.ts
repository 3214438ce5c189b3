import type { ReadRunLogs } from "../engine/run-logs.js";
import type { Logger } from "../telemetry/logger.js";
import type { RedisConnection } from "./connection.js";
import { runLogPrefix } from "./keys.js";

/** Characters of a run's output that are kept: its beginning; what follows is only counted. */
const KEPT_CHARACTERS = 256 * 1024;
const KEPT_SECONDS = 30 * 86_400;

export interface RunLogWriter {
  write(text: string): void;
  /** Resolves when all was stored. */
  close(): Promise<void>;
}

export interface RunLogs extends ReadRunLogs {
  open(run: string): RunLogWriter;
}

/**
 * What agents print, capped, one Redis string a run. Whoever writes masks before. A log that can't be
 * stored is said once and never harms the run it is about.
 */
export function createRunLogs(redis: RedisConnection, prefix: string, log: Logger): RunLogs {
  const key = (run: string) => `${runLogPrefix(prefix)}${run}`;
  return {
    open(run) {
      let room = KEPT_CHARACTERS;
      let pending = "";
      let writing: Promise<void> | null = null;
      let failed = false;
      // Chunks that come while one is being stored go together in the next.
      const store = async () => {
        while (pending !== "") {
          const text = pending;
          pending = "";
          try {
            await redis.multi().append(key(run), text).expire(key(run), KEPT_SECONDS).exec();
          } catch (error) {
            if (!failed) log.warn({ err: error, run }, "a part of the run's log is lost");
            failed = true;
          }
        }
        writing = null;
      };
      return {
        write(text) {
          if (text === "" || room <= 0) return;
          const fits = text.slice(0, room);
          room -= fits.length;
          pending += room > 0 ? fits : `${fits}\n[the rest is not kept]\n`;
          writing ??= store();
        },
        async close() {
          await writing;
        },
      };
    },
    async read(run) {
      return (await redis.get(key(run))) ?? "";
    },
    async readFrom(run, bytes) {
      return redis.getrange(key(run), bytes, -1);
    },
  };
}
