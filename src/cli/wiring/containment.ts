import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Bubblewrap, probeBubblewrap } from "../../agents/bubblewrap.js";
import { programFile } from "../../agents/exposed-paths.js";
import { lookUpUser, type OtherUser } from "../../agents/other-user.js";
import { type Contain, changesUser, createContain } from "../../agents/sandbox.js";
import { ConfigError } from "../../config/errors.js";
import type { Config } from "../../config/load.js";
import { type RawEnvironment, VARIABLES } from "../../config/variables.js";
import type { AgentSettings } from "../../domain/fleet.js";
import type { Logger } from "../../telemetry/logger.js";

interface Surroundings {
  readonly config: Config;
  readonly env: RawEnvironment;
  readonly log: Logger;
}

const opened = new WeakMap<Config, Contain>();

/**
 * How this machine contains agents and gate commands; looked into once for a configuration.
 * @throws ConfigError for a `sandbox` or `user` that can't be had here
 */
export function containmentOf(surroundings: Surroundings): Contain {
  const known = opened.get(surroundings.config);
  if (known !== undefined) return known;
  const contain = open(surroundings);
  opened.set(surroundings.config, contain);
  return contain;
}

function open({ config, env, log }: Surroundings): Contain {
  const asked = settingsOf(config);
  const searchPath = env.PATH ?? "";
  const sandboxed = asked.some(([, { sandbox }]) => sandbox !== "none");
  const found = sandboxed ? findBubblewrap(config, env) : "no agent asks for it";
  const bubblewrap = typeof found === "string" ? null : found;
  const { users, problems } = findUsers(asked, config.environment.dataDir, searchPath);
  for (const [path, { sandbox, user }] of asked) {
    if (sandbox !== "bubblewrap") continue;
    if (typeof found === "string") problems.push(`${path}.sandbox: ${found}`);
    else if (user !== null && !changesUser(found)) {
      problems.push(`${path}.user: bubblewrap can't change the user here; set sandbox: none`);
    }
  }
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  const loose = asked.some(([, { sandbox, user }]) => sandbox === "auto" && user === null);
  if (typeof found === "string" && loose) {
    log.warn({ why: found }, "no sandbox: gates resist mistakes, not malice (docs/security.md)");
  }
  return createContain({ bubblewrap, users, searchPath });
}

type Asked = readonly (readonly [path: string, settings: AgentSettings])[];

function settingsOf({ fleet }: Config): Asked {
  return fleet.projects.flatMap(({ name, agents }) =>
    Object.entries(agents).map(
      ([role, settings]) => [`${name}: agents.${role}`, settings] as const,
    ),
  );
}

/** Or why there is none that works. */
function findBubblewrap(config: Config, env: RawEnvironment): Bubblewrap | string {
  const searchPath = env.PATH ?? "";
  const program = programFile("bwrap", searchPath, "/");
  if (program === null) return "bubblewrap (bwrap) is not installed";
  const probed = probeBubblewrap(program, searchPath);
  if (probed.kind === "broken") return `bubblewrap doesn't work on this machine: ${probed.why}`;
  const { environment, fleet, path } = config;
  const secluded = {
    dataDir: environment.dataDir,
    folders: fleet.projects.map(({ remote }) => remote).filter((remote) => remote.startsWith("/")),
    secretFiles: secretFiles(env, dirname(path)),
    home: homedir(),
  };
  return { program, isolation: probed.isolation, secluded, searchPath };
}

function secretFiles(env: RawEnvironment, configFolder: string): readonly string[] {
  const named = VARIABLES.flatMap((name) => env[`${name}_FILE`]?.trim() || []);
  const beside = [configFolder, process.cwd()].map((folder) => join(folder, ".env"));
  return [...named.map((file) => resolve(file)), ...beside];
}

function findUsers(asked: Asked, dataDir: string, searchPath: string) {
  const users = new Map<string, OtherUser>();
  const problems: string[] = [];
  for (const [path, { user }] of asked) {
    if (user === null || users.has(user)) continue;
    const found = lookUpUser(user, dataDir, searchPath);
    if ("why" in found) problems.push(`${path}.user: ${found.why}`);
    else users.set(user, found);
  }
  return { users, problems };
}
