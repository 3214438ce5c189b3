import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { Fleet } from "../domain/fleet.js";
import { agentSecrets } from "./agent-secrets.js";
import { checkFleet, checkModelKey, type Needs } from "./check-fleet.js";
import { type Environment, parseEnvironment } from "./environment.js";
import { ConfigError } from "./errors.js";
import { type FleetFile, fleetFileSchema } from "./fleet-file.js";
import { describeIssues, sayMissing } from "./issues.js";
import { knownKeys } from "./json-schema.js";
import { checkPrompts, type PromptFolders, promptFolders } from "./prompt-folders.js";
import { projectName, resolveFleet } from "./resolve-fleet.js";
import { resolveSettings, type Settings } from "./settings.js";
import type { RawEnvironment } from "./variables.js";

export interface Config {
  readonly environment: Environment;
  readonly fleet: Fleet;
  readonly settings: Settings;
  readonly prompts: PromptFolders;
  /** Absolute path of the fleet file. */
  readonly path: string;
  /** Things that work, but perhaps not as meant; for the log and `doctor`. */
  readonly warnings: readonly string[];
}

export interface ConfigSource {
  readonly env: RawEnvironment;
  readonly cwd: string;
  /** From `--config`; else `STAGECOACH_CONFIG`, else `stagecoach.yaml` in `cwd`. */
  readonly configPath?: string | undefined;
  /** `intake` for the receiver, which runs nothing. Default `runs`. */
  readonly needs?: Needs;
}

export const DEFAULT_CONFIG_FILE = "stagecoach.yaml";

/**
 * Reads and checks environment and fleet file.
 * @throws ConfigError listing every problem of both at once
 */
export function loadConfig(source: ConfigSource): Config {
  const chosen = source.configPath ?? source.env.STAGECOACH_CONFIG?.trim();
  const path = resolve(source.cwd, chosen || DEFAULT_CONFIG_FILE);
  const environment = parseEnvironment(source.env, source.cwd);
  const document = readDocument(path);
  const file = document.kind === "read" ? checkShape(document.value) : document;
  const problems = [
    ...(environment.kind === "invalid" ? environment.problems : []),
    ...(file.kind === "invalid" ? file.problems : []),
  ];
  if (file.kind === "invalid") throw new ConfigError(problems);

  const giteaUrl = environment.kind === "valid" ? environment.environment.giteaUrl : null;
  const fleet = resolveFleet(file.value, { giteaUrl, folder: dirname(path) });
  // Without a usable environment a missing remote would be blamed on the file.
  const needs = environment.kind === "valid" ? (source.needs ?? "runs") : "intake";
  problems.push(...checkFleet(file.value, fleet, needs));
  if (needs === "runs") problems.push(...checkPrompts(file.value, dirname(path)));
  if (environment.kind === "valid" && needs === "runs") {
    problems.push(...checkModelKey(fleet, environment.environment.anthropicApiKey));
  }
  if (environment.kind === "invalid" || problems.length > 0) throw new ConfigError(problems);
  const secrets = [...environment.environment.secrets, ...agentSecrets(fleet, source.env)];
  return assemble({ ...environment.environment, secrets }, fleet, file.value, path);
}

function assemble(environment: Environment, fleet: Fleet, file: FleetFile, path: string): Config {
  const hasKey = environment.anthropicApiKey !== null;
  return {
    environment,
    fleet,
    settings: resolveSettings(file, hasKey, file.projects.map(projectName)),
    prompts: promptFolders(file, dirname(path)),
    path,
    warnings: warningsOf(environment, fleet, file),
  };
}

function warningsOf(environment: Environment, fleet: Fleet, file: FleetFile): string[] {
  const warnings: string[] = [];
  if (environment.allowUnsignedWebhooks) {
    warnings.push(
      "ALLOW_UNSIGNED_WEBHOOKS: whoever reaches the receiver can start agents; never use it outside a test",
    );
  }
  if (file.parser === "anthropic" && environment.anthropicApiKey === null) {
    warnings.push("parser: `anthropic` needs ANTHROPIC_API_KEY, which isn't set; rules are used");
  }
  if (fleet.approvers.length === 0) {
    warnings.push("approvers: nobody may approve, so no analysis can pass");
  }
  return warnings;
}

type Read<T> = { kind: "read"; value: T } | { kind: "invalid"; problems: readonly string[] };

function readDocument(path: string): Read<unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOENT") {
      return invalid(`${path}: can't be read (${code ?? "an unknown error"})`);
    }
    return invalid(
      `${path}: there is no such file; \`stagecoach init\` writes one, or name another with --config or STAGECOACH_CONFIG`,
    );
  }
  return parseYaml(text, path);
}

function parseYaml(text: string, path: string): Read<unknown> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    return invalid(
      ...document.errors.map((error) => {
        const { line, col } = lineCounter.linePos(error.pos[0]);
        return `${path}:${line}:${col}: ${error.message}`;
      }),
    );
  }
  try {
    return { kind: "read", value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    // Aliases to nothing, or so many that they'd fill the memory.
    return invalid(`${path}: ${error instanceof Error ? error.message : "can't be read"}`);
  }
}

function checkShape(value: unknown): Read<FleetFile> {
  const result = fleetFileSchema.safeParse(dropEmptySections(value), { error: sayMissing });
  return result.success
    ? { kind: "read", value: result.data }
    : { kind: "invalid", problems: describeIssues(result.error.issues, knownKeys()) };
}

/** A section whose lines are all commented out reads as null; it is meant to be absent. */
function dropEmptySections(value: unknown): unknown {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) return value;
  const kept = Object.entries(value).filter(([, section]) => section !== null);
  return Object.fromEntries(
    kept.map(([key, section]) =>
      key === "projects" && Array.isArray(section)
        ? [key, section.map((entry) => (entry === null ? entry : dropEmptySections(entry)))]
        : [key, section],
    ),
  );
}

function invalid(...problems: string[]): { kind: "invalid"; problems: readonly string[] } {
  return { kind: "invalid", problems };
}
