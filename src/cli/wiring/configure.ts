import type { Needs } from "../../config/check-fleet.js";
import { ConfigError } from "../../config/errors.js";
import { type Config, loadConfig } from "../../config/load.js";
import {
  gatherVariables,
  type RawEnvironment,
  readProcessEnvironment,
} from "../../config/variables.js";
import { createLogger, type Logger } from "../../telemetry/logger.js";

export const EXIT_USAGE = 2;

export interface Configured {
  readonly config: Config;
  readonly log: Logger;
}

export interface ConfigureOptions {
  readonly configPath?: string | undefined;
  readonly env?: RawEnvironment;
  readonly needs?: Needs;
  /** Warnings are for who runs a process, not for who looks at one. */
  readonly quiet?: boolean;
}

const NEEDS_REDIS_URL =
  "REDIS_URL: is missing; a process of its own needs the Redis that the fleet shares (redis://host:port). `stagecoach start` runs everything in one process, with a Redis of its own";

/** Loads the configuration or, listing every problem of it at once, ends the process with 2. */
export function configure(name: string, options: ConfigureOptions = {}): Configured {
  return orUsage(() => read(name, options, []));
}

/** The same for processes that share the work and thus a Redis: only `start` and `demo` run one. */
export function configureShared(
  name: string,
  options: ConfigureOptions = {},
): Configured & { readonly redisUrl: string } {
  return orUsage(() => {
    const { values } = gatherVariables(options.env ?? readProcessEnvironment(), process.cwd());
    const missing = values.REDIS_URL === undefined ? [NEEDS_REDIS_URL] : [];
    const configured = read(name, options, missing);
    return { ...configured, redisUrl: configured.config.environment.redisUrl ?? "" };
  });
}

/** @throws ConfigError with `problems` among its own */
function read(name: string, options: ConfigureOptions, problems: readonly string[]): Configured {
  const config = load(options, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const pretty = process.stderr.isTTY === true;
  const log = createLogger({ level: config.environment.logLevel, pretty, name });
  if (!options.quiet) for (const warning of config.warnings) log.warn(warning);
  return { config, log };
}

function load({ env, configPath, needs }: ConfigureOptions, problems: readonly string[]): Config {
  try {
    return loadConfig({
      env: env ?? readProcessEnvironment(),
      cwd: process.cwd(),
      configPath,
      ...(needs === undefined ? {} : { needs }),
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError([...problems, ...error.problems]);
  }
}

function orUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(EXIT_USAGE);
  }
}
