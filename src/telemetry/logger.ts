import { type Logger as PinoLogger, pino, stdTimeFunctions } from "pino";

/** The part of pino the house uses; child loggers carry `delivery`, `item`, `run`, `stage`. */
export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error"> & {
  child(bindings: Record<string, unknown>): Logger;
};

/** JSON lines to standard error, so that a command's own output stays clean; pretty on a terminal. */
export function createLogger(options: { level: string; pretty: boolean; name?: string }): Logger {
  const base = {
    level: options.level,
    timestamp: stdTimeFunctions.isoTime,
    base: { name: options.name },
  };
  if (options.pretty) {
    return pino({
      ...base,
      transport: {
        target: "pino-pretty",
        options: { destination: 2, ignore: "pid,hostname,name" },
      },
    });
  }
  return pino(base, pino.destination({ dest: 2, sync: true }));
}

export function silentLogger(): Logger {
  return pino({ level: "silent" });
}
