import type { Fleet, GateSettings, Model, PlaneProject, Project } from "../domain/fleet.js";
import { BUILT_IN_PIPELINES, type Pipeline } from "../domain/pipeline.js";
import {
  DEFAULT_AGENT,
  DEFAULT_BRANCH,
  DEFAULT_CONCURRENT_RUNS,
  DEFAULT_GATES,
  DEFAULT_LIMITS,
  DEFAULT_MODELS,
  DEFAULT_PIPELINE,
  DEFAULT_PREFIX,
  DEFAULT_PROTECTED_PATHS,
} from "./defaults.js";
import type { FleetFile } from "./fleet-file.js";
import type { ProjectEntry } from "./project-entry.js";
import { resolveAgents } from "./resolve-agents.js";

export interface Surroundings {
  /** Without trailing slash; remotes default to repositories below it. */
  readonly giteaUrl: string | null;
  /** The fleet file's folder. */
  readonly folder: string;
}

/** The fleet in the domain's words, defaults filled in. What doesn't fit together `checkFleet` says. */
export function resolveFleet(file: FleetFile, surroundings: Surroundings): Fleet {
  return {
    bot: file.bot,
    approvers: [...new Set((file.approvers ?? []).map((name) => name.trim().toLowerCase()))],
    projects: file.projects.map((entry) => resolveProject(file, entry, surroundings)),
    pipelines: resolvePipelines(file),
    models: resolveModels(file),
    limits: { developerRuns: file.limits?.developerRuns ?? DEFAULT_LIMITS.developerRuns },
  };
}

/** A project without a name is called like its repository. */
export function projectName(entry: ProjectEntry): string {
  return entry.name ?? entry.repo?.split("/")[1] ?? "";
}

function resolveProject(file: FleetFile, entry: ProjectEntry, { giteaUrl, folder }: Surroundings) {
  const fromForge =
    giteaUrl !== null && entry.repo !== undefined ? `${giteaUrl}/${entry.repo}.git` : "";
  return {
    name: projectName(entry),
    repo: entry.repo ?? null,
    remote: entry.remote ?? fromForge,
    baseBranch: entry.baseBranch ?? DEFAULT_BRANCH,
    plane: entry.plane === undefined ? null : resolvePlane(entry.plane),
    prefix: entry.prefix ?? DEFAULT_PREFIX,
    pipeline: entry.pipeline ?? DEFAULT_PIPELINE,
    maxConcurrentRuns: entry.maxConcurrentRuns ?? DEFAULT_CONCURRENT_RUNS,
    gates: resolveGates(file, entry),
    agents: resolveAgents(file.agents, entry.agents, folder),
    protectedPaths: [
      ...new Set([
        ...DEFAULT_PROTECTED_PATHS,
        ...(file.protectedPaths ?? []),
        ...(entry.protectedPaths ?? []),
      ]),
    ],
    dependenciesMetBy: file.dependencies?.metBy ?? "done",
    onDone: {
      merge: entry.onDone?.merge ?? file.onDone?.merge ?? false,
      closeIssue: entry.onDone?.closeIssue ?? file.onDone?.closeIssue ?? false,
    },
  } satisfies Project;
}

function resolvePlane(entry: NonNullable<ProjectEntry["plane"]>): PlaneProject {
  const states: Record<string, string> = {};
  for (const [ours, theirs] of Object.entries(entry.states ?? {})) {
    if (theirs !== undefined) states[ours] = theirs;
  }
  return {
    workspace: entry.workspace,
    project: entry.project.toLowerCase(),
    start: entry.start ?? "created",
    states,
  };
}

function resolveGates(file: FleetFile, entry: ProjectEntry): GateSettings {
  const own = entry.gates?.["tests-local"];
  const shared = file.gates?.["tests-local"];
  return {
    "tests-local": {
      command: own?.command ?? shared?.command ?? DEFAULT_GATES.testCommand,
      timeoutMinutes:
        own?.timeoutMinutes ?? shared?.timeoutMinutes ?? DEFAULT_GATES.testTimeoutMinutes,
    },
    "ci-green": {
      contexts: entry.gates?.["ci-green"]?.contexts ?? file.gates?.["ci-green"]?.contexts ?? [],
    },
  };
}

function resolvePipelines(file: FleetFile): Readonly<Record<string, Pipeline>> {
  const own = Object.entries(file.pipelines ?? {}).map(([name, steps]): [string, Pipeline] => [
    name,
    { name, steps },
  ]);
  return { ...Object.fromEntries(own), ...BUILT_IN_PIPELINES };
}

/** A model shares its provider's quota; unnamed, that is the runner's, as for agents without a model. */
function resolveModels(file: FleetFile): Readonly<Record<string, Model>> {
  const provider = file.agents?.default?.runner ?? DEFAULT_AGENT.runner;
  const models: Record<string, Model> = { ...DEFAULT_MODELS };
  for (const [key, entry] of Object.entries(file.models ?? {})) {
    const known = Object.hasOwn(DEFAULT_MODELS, key) ? DEFAULT_MODELS[key] : undefined;
    models[key] = {
      id: entry.id ?? known?.id ?? "",
      provider: entry.provider ?? known?.provider ?? provider,
      usdPerMillionInput: entry.usdPerMillionInput ?? known?.usdPerMillionInput ?? 0,
      usdPerMillionOutput: entry.usdPerMillionOutput ?? known?.usdPerMillionOutput ?? 0,
    };
  }
  return models;
}
