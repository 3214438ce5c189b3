import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** A process's environment as it was found; entries pass it on, so tests need no globals. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Every variable Stagecoach reads. Each may be given as `<NAME>_FILE` instead, naming a file that holds it. */
export const VARIABLES = [
  "HOST",
  "PORT",
  "REDIS_URL",
  "REDIS_PREFIX",
  "DATA_DIR",
  "LOG_LEVEL",
  "GITEA_URL",
  "GITEA_TOKEN",
  "GITEA_WEBHOOK_SECRET",
  "PLANE_URL",
  "PLANE_API_KEY",
  "PLANE_WEBHOOK_SECRET",
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_BASE_URL",
  "TELEGRAM_BOT_TOKEN",
  "TELEGRAM_CHAT_ID",
  "TELEGRAM_API_URL",
  "BOARD_USERNAME",
  "BOARD_PASSWORD",
  "BOARD_VIEWER_USERNAME",
  "BOARD_VIEWER_PASSWORD",
  "ALLOW_UNSIGNED_WEBHOOKS",
] as const;
export type Variable = (typeof VARIABLES)[number];

/** Variables whose values must reach neither an agent nor a log. */
export const SECRET_VARIABLES: readonly Variable[] = [
  "REDIS_URL",
  "GITEA_TOKEN",
  "GITEA_WEBHOOK_SECRET",
  "PLANE_API_KEY",
  "PLANE_WEBHOOK_SECRET",
  "ANTHROPIC_API_KEY",
  "TELEGRAM_BOT_TOKEN",
  "BOARD_PASSWORD",
  "BOARD_VIEWER_PASSWORD",
];

/** The only place that reads the process's own environment. */
export function readProcessEnvironment(): RawEnvironment {
  return { ...process.env };
}

export interface GatheredVariables {
  readonly values: Readonly<Partial<Record<Variable, string>>>;
  readonly problems: readonly string[];
}

/**
 * Takes our variables out of an environment, reading `<NAME>_FILE` where it is given. Blank counts
 * as unset, as compose files pass on what isn't there.
 */
export function gatherVariables(env: RawEnvironment, cwd: string): GatheredVariables {
  const values: Partial<Record<Variable, string>> = {};
  const problems: string[] = [];
  for (const name of VARIABLES) {
    const direct = nonBlank(env[name]);
    const file = nonBlank(env[`${name}_FILE`]);
    if (direct !== undefined && file !== undefined) {
      problems.push(`${name}: set together with ${name}_FILE; set only one of them`);
    } else if (file !== undefined) {
      const read = readSecretFile(resolve(cwd, file));
      if (read.kind === "read") values[name] = read.text;
      else problems.push(`${name}_FILE: ${file} ${read.why}`);
    } else if (direct !== undefined) {
      values[name] = direct;
    }
  }
  return { values, problems };
}

function nonBlank(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}

type SecretFile = { kind: "read"; text: string } | { kind: "unusable"; why: string };

function readSecretFile(path: string): SecretFile {
  try {
    const text = readFileSync(path, "utf8").trim();
    return text === "" ? { kind: "unusable", why: "is empty" } : { kind: "read", text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "an unknown error";
    return { kind: "unusable", why: `can't be read (${code})` };
  }
}
