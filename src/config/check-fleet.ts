import type { AgentSettings, Fleet, Project } from "../domain/fleet.js";
import { BUILT_IN_PIPELINES, type PipelineStep } from "../domain/pipeline.js";
import { ROLES, type Role, STAGES } from "../domain/stage.js";
import { DEFAULT_MODELS } from "./defaults.js";
import type { FleetFile } from "./fleet-file.js";

/** `runs`: everything agents and gates need must be there. `intake`: what only they need may be missing. */
export type Needs = "runs" | "intake";

/** What single values can't tell: references, uniqueness, and what one setting asks of another. */
export function checkFleet(file: FleetFile, fleet: Fleet, needs: Needs): string[] {
  return [
    ...checkPipelines(file),
    ...checkModels(file, fleet),
    ...checkUnique(fleet),
    ...fleet.projects.flatMap((project, index) => checkProject(fleet, project, index, needs)),
  ];
}

function checkPipelines(file: FleetFile): string[] {
  return Object.entries(file.pipelines ?? {}).flatMap(([name, steps]) => {
    const path = `pipelines.${name}`;
    if (Object.hasOwn(BUILT_IN_PIPELINES, name)) {
      return [`${path}: is built in; choose another name`];
    }
    return steps.flatMap((step, index) => checkStep(step, steps[index - 1], `${path}[${index}]`));
  });
}

function checkStep(step: PipelineStep, before: PipelineStep | undefined, path: string): string[] {
  const problems: string[] = [];
  if (step.agent === undefined && step.gate === undefined) {
    problems.push(`${path}: needs an agent or a gate; with neither nothing would happen`);
  }
  if (before === undefined) {
    // The first run makes the branch: a gate that comes before it has nothing to look at.
    if (step.agent === undefined && step.gate !== undefined) {
      problems.push(`${path}.agent: is missing; who works first makes the branch a gate looks at`);
    }
    return problems;
  }
  if (step.stage === before.stage) {
    problems.push(`${path}.stage: ${step.stage} stands in this pipeline twice`);
  } else if (STAGES.indexOf(step.stage) < STAGES.indexOf(before.stage)) {
    problems.push(
      `${path}.stage: ${step.stage} can't follow ${before.stage}; the order is ${STAGES.join(", ")}`,
    );
  }
  return problems;
}

function checkModels(file: FleetFile, fleet: Fleet): string[] {
  const problems: string[] = [];
  for (const [key, entry] of Object.entries(file.models ?? {})) {
    if (key === "assigned") problems.push("models.assigned: the word means the issue's choice");
    if (Object.hasOwn(DEFAULT_MODELS, key)) continue;
    for (const field of ["id", "usdPerMillionInput", "usdPerMillionOutput"] as const) {
      if (entry[field] === undefined) problems.push(`models.${key}.${field}: is missing`);
    }
  }
  if (file.parserModel !== undefined && !Object.hasOwn(fleet.models, file.parserModel)) {
    problems.push(`parserModel: ${unknownModel(fleet, file.parserModel)}`);
  }
  return problems;
}

function checkUnique(fleet: Fleet): string[] {
  const problems: string[] = [];
  const compare = (field: string, of: (project: Project) => string | null, mend: string) => {
    const seen = new Map<string, string>();
    fleet.projects.forEach((project, index) => {
      const value = of(project);
      if (value === null || value === "") return;
      const owner = seen.get(value.toLowerCase());
      if (owner === undefined) seen.set(value.toLowerCase(), project.name);
      else problems.push(`projects[${index}].${field}: ${value} is project ${owner}'s; ${mend}`);
    });
  };
  compare("name", (project) => project.name, "names must be unique");
  compare("prefix", (project) => project.prefix, "give every project a prefix of its own");
  compare("repo", (project) => project.repo, "a repository belongs to one project");
  compare(
    "plane.project",
    (project) => project.plane?.project ?? null,
    "it belongs to one project",
  );
  return problems;
}

function checkProject(fleet: Fleet, project: Project, index: number, needs: Needs): string[] {
  const path = `projects[${index}]`;
  const problems: string[] = [];
  if (project.name === "")
    problems.push(`${path}.name: is missing, as there is no repo to name it`);
  if (project.repo === null && project.plane === null) {
    problems.push(`${path}: needs a repo or a plane project, else no issue can reach it`);
  }
  if (project.remote === "" && needs === "runs") {
    const mend =
      project.repo === null ? "a project in Plane alone needs one" : "set it or GITEA_URL";
    problems.push(`${path}.remote: is missing; ${mend}`);
  }
  if (!Object.hasOwn(fleet.pipelines, project.pipeline)) {
    const known = Object.keys(fleet.pipelines).join(", ");
    return [...problems, `${path}.pipeline: unknown pipeline ${project.pipeline}; known: ${known}`];
  }
  return [
    ...problems,
    ...checkGates(fleet, project, path),
    ...checkAgents(fleet, project, path, needs),
  ];
}

function checkGates(fleet: Fleet, project: Project, path: string): string[] {
  const steps = fleet.pipelines[project.pipeline]?.steps ?? [];
  if (!steps.some((step) => step.gate === "ci-green")) return [];
  if (project.repo === null) {
    return [`${path}.pipeline: its gate ci-green needs a repo whose CI reports to the forge`];
  }
  return project.gates["ci-green"].contexts.length > 0
    ? []
    : [`${path}.gates.ci-green.contexts: is missing; without a context the gate would say nothing`];
}

function checkAgents(fleet: Fleet, project: Project, path: string, needs: Needs): string[] {
  return workingAgents(fleet, project).flatMap(([role, settings]) =>
    checkAgent(fleet, settings, needs).map((problem) => `${path}.agents.${role}${problem}`),
  );
}

function workingAgents(fleet: Fleet, project: Project): (readonly [Role, AgentSettings])[] {
  const steps = fleet.pipelines[project.pipeline]?.steps ?? [];
  return ROLES.flatMap((role) => {
    const settings = project.agents[role];
    const working = steps.some((step) => step.agent === role);
    return settings === undefined || !working ? [] : [[role, settings] as const];
  });
}

/** Which agents need the key of the model's API, if it isn't there. */
export function checkModelKey(fleet: Fleet, key: string | null): string[] {
  if (key !== null) return [];
  return fleet.projects.flatMap((project, index) =>
    workingAgents(fleet, project)
      .filter(([, { runner }]) => runner === "anthropic")
      .map(
        ([role]) =>
          `projects[${index}].agents.${role}.runner: anthropic needs ANTHROPIC_API_KEY in the environment`,
      ),
  );
}

/** Runners an agent worker of this version has. */
const BUILT_IN_RUNNERS: readonly AgentSettings["runner"][] = [
  "command",
  "claude-code",
  "anthropic",
  "scripted",
];

function checkAgent(fleet: Fleet, settings: AgentSettings, needs: Needs): string[] {
  const problems: string[] = [];
  if (!BUILT_IN_RUNNERS.includes(settings.runner)) {
    problems.push(
      `.runner: ${settings.runner} is not built in yet; use ${BUILT_IN_RUNNERS.join(" or ")}`,
    );
  }
  if (needs === "runs" && settings.runner === "command" && settings.command.length === 0) {
    problems.push(".command: is missing; runner `command` needs one (agents.default serves all)");
  }
  if (needs === "runs" && settings.runner === "scripted" && settings.script === null) {
    problems.push(".script: is missing; runner `scripted` needs a folder to play from");
  }
  if (settings.runner === "anthropic" && settings.user !== null) {
    problems.push(
      ".user: the file tools of runner `anthropic` work as the worker's user; leave it out",
    );
  }
  if (settings.user === "root") {
    problems.push(".user: root may undo whatever contains it; name a user without rights");
  }
  if (settings.model !== "assigned" && !Object.hasOwn(fleet.models, settings.model)) {
    problems.push(`.model: ${unknownModel(fleet, settings.model)}`);
  }
  return problems;
}

function unknownModel(fleet: Fleet, key: string): string {
  return `unknown model ${key}; known: ${Object.keys(fleet.models).join(", ")}`;
}
