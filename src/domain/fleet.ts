import { type Pipeline, type PipelineStep, stepAt } from "./pipeline.js";
import type { Role, Stage } from "./stage.js";

/** The fleet's settings in the words of the domain; `config` makes it, nobody else reads the file. */
export interface Fleet {
  /** Gitea login whose assignment starts work; also a Plane display name, e-mail or user id. */
  readonly bot: string;
  /** Gitea logins, Plane e-mails or user ids, lower case. */
  readonly approvers: readonly string[];
  readonly projects: readonly Project[];
  readonly pipelines: Readonly<Record<string, Pipeline>>;
  readonly models: Readonly<Record<string, Model>>;
  readonly limits: { readonly developerRuns: number };
}

export interface Project {
  readonly name: string;
  /** The forge's full name, `owner/repo`; null for a project that lives in Plane alone. */
  readonly repo: string | null;
  /** What git fetches from and pushes to: http(s), ssh or an absolute local path. */
  readonly remote: string;
  readonly baseBranch: string;
  readonly plane: PlaneProject | null;
  /** Unique among projects. */
  readonly prefix: string;
  /** A key of the fleet's pipelines. */
  readonly pipeline: string;
  readonly maxConcurrentRuns: number;
  readonly gates: GateSettings;
  readonly agents: Readonly<Partial<Record<Role, AgentSettings>>>;
  /** Globs no run may touch. */
  readonly protectedPaths: readonly string[];
  readonly dependenciesMetBy: "done" | "merged";
  readonly onDone: { readonly merge: boolean; readonly closeIssue: boolean };
}

export interface PlaneProject {
  readonly workspace: string;
  /** UUID. */
  readonly project: string;
  readonly start: "created" | "assigned";
  /** Our word → the project's own state name. */
  readonly states: Readonly<Record<string, string>>;
}

export interface GateSettings {
  readonly "tests-local": { readonly command: readonly string[]; readonly timeoutMinutes: number };
  readonly "ci-green": { readonly contexts: readonly string[] };
}

export interface AgentSettings {
  readonly runner: "command" | "claude-code" | "anthropic" | "scripted";
  readonly command: readonly string[];
  /** Folder the scripted runner plays from. */
  readonly script: string | null;
  readonly timeoutMinutes: number;
  readonly silentMinutes: number;
  /** Names of variables the agent may see, beyond the allow-list. */
  readonly env: readonly string[];
  readonly sandbox: "auto" | "bubblewrap" | "none";
  readonly user: string | null;
  /** A key of models, or `assigned`: the item's metadata says. */
  readonly model: string;
  /** Across the fleet; null: no limit of its own. */
  readonly maxConcurrent: number | null;
}

export interface Model {
  readonly id: string;
  readonly provider: string;
  readonly usdPerMillionInput: number;
  readonly usdPerMillionOutput: number;
}

/** The step an item stands in; undefined: at the end, or config no longer knows its pipeline. */
export function stepOf(
  fleet: Fleet,
  item: { readonly pipeline: string; readonly stage: Stage },
): PipelineStep | undefined {
  const pipeline = fleet.pipelines[item.pipeline];
  return pipeline === undefined ? undefined : stepAt(pipeline, item.stage);
}

export function projectNamed(fleet: Fleet, name: string): Project | undefined {
  return fleet.projects.find((project) => project.name === name);
}

/** Which provider's pause and quota a run of `role` counts against. */
export function providerOf(fleet: Fleet, settings: AgentSettings, assigned: string): string {
  return fleet.models[modelKey(settings, assigned)]?.provider ?? settings.runner;
}

export function modelKey(settings: AgentSettings, assigned: string): string {
  return settings.model === "assigned" ? assigned : settings.model;
}

/** Is any of a person's names an approver's? */
export function isApprover(fleet: Fleet, names: readonly string[]): boolean {
  return names.some((name) => fleet.approvers.includes(name.toLowerCase()));
}
