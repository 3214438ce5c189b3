import type { Needs } from "../../config/check-fleet.js";
import { ConfigError } from "../../config/errors.js";
import { type Config, loadConfig } from "../../config/load.js";
import { type RawEnvironment, readProcessEnvironment } from "../../config/variables.js";
import { createLogger, type Logger } from "../../telemetry/logger.js";

export const EXIT_USAGE = 2;

export interface Configured {
  readonly config: Config;
  readonly log: Logger;
}

/** Loads the configuration or, listing every problem of it at once, ends the process with 2. */
export function configure(
  name: string,
  options: { configPath?: string | undefined; env?: RawEnvironment; needs?: Needs } = {},
): Configured {
  try {
    const config = loadConfig({
      env: options.env ?? readProcessEnvironment(),
      cwd: process.cwd(),
      configPath: options.configPath,
      ...(options.needs === undefined ? {} : { needs: options.needs }),
    });
    const pretty = process.stderr.isTTY === true;
    const log = createLogger({ level: config.environment.logLevel, pretty, name });
    for (const warning of config.warnings) log.warn(warning);
    return { config, log };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(EXIT_USAGE);
  }
}

/** Processes that share the work share a Redis; only `start` and `demo` run one themselves. */
export function requireRedisUrl(config: Config): string {
  const { redisUrl } = config.environment;
  if (redisUrl !== null) return redisUrl;
  console.error(
    "REDIS_URL: a process of its own needs the Redis that the fleet shares; set it, or use `stagecoach start`, which runs everything in one process with a Redis of its own",
  );
  process.exit(EXIT_USAGE);
}
