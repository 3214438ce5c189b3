import { type Environment, parseEnvironment } from "../../config/environment.js";
import { ConfigError } from "../../config/errors.js";
import { type Config, loadConfig } from "../../config/load.js";
import type { RawEnvironment } from "../../config/variables.js";

/** What is known of the fleet before anything is asked; whatever can't be read is null. */
export interface Patient {
  readonly env: RawEnvironment;
  readonly environment: Environment | null;
  /** Read leniently: what only agents need may be missing in it. */
  readonly config: Config | null;
  /** Why the fleet would not start. */
  readonly problems: readonly string[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Upper bound of each call a check makes, in ms. */
  readonly callMs: number;
}

export interface Surroundings {
  readonly env: RawEnvironment;
  readonly cwd: string;
  readonly configPath?: string | undefined;
  readonly clock?: () => number;
  readonly callMs?: number;
}

const CALL_MS = 4_000;

/** Reads all that can be read, so that one mistake hides no other. */
export function readPatient(surroundings: Surroundings): Patient {
  const { env, cwd, clock = Date.now, callMs = CALL_MS } = surroundings;
  const strict = attempt(surroundings, "runs");
  const lenient = strict.config === null ? attempt(surroundings, "intake").config : strict.config;
  const parsed = parseEnvironment(env, cwd);
  return {
    env,
    environment: lenient?.environment ?? (parsed.kind === "valid" ? parsed.environment : null),
    config: lenient,
    problems: strict.problems,
    clock,
    callMs,
  };
}

function attempt({ env, cwd, configPath }: Surroundings, needs: "runs" | "intake") {
  try {
    return { config: loadConfig({ env, cwd, configPath, needs }), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, problems: error.problems };
  }
}
