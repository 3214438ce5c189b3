import type { RedisConnection } from "./connection.js";

/** Characters of a run's output that are kept: its beginning; what follows is only counted. */
const KEPT_CHARACTERS = 256 * 1024;
const KEPT_SECONDS = 30 * 86_400;

export interface RunLogWriter {
  write(text: string): void;
  /** Resolves when all was stored. */
  close(): Promise<void>;
}

export interface RunLogs {
  open(run: string): RunLogWriter;
  read(run: string): Promise<string>;
}

/** What agents print, capped, one Redis string a run. Whoever writes masks before. */
export function createRunLogs(redis: RedisConnection, prefix: string): RunLogs {
  const key = (run: string) => `${prefix}:run-log:${run}`;
  return {
    open(run) {
      let room = KEPT_CHARACTERS;
      let stored: Promise<unknown> = Promise.resolve();
      const append = (text: string) => {
        stored = stored.then(() =>
          redis.multi().append(key(run), text).expire(key(run), KEPT_SECONDS).exec(),
        );
      };
      return {
        write(text) {
          if (text === "" || room <= 0) return;
          const fits = text.slice(0, room);
          room -= fits.length;
          append(room > 0 ? fits : `${fits}\n[the rest is not kept]\n`);
        },
        async close() {
          await stored;
        },
      };
    },
    async read(run) {
      return (await redis.get(key(run))) ?? "";
    },
  };
}
