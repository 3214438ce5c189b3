import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PROMPT_NAMES, type PromptName, templateProblems } from "../domain/prompt-template.js";
import type { FleetFile } from "./fleet-file.js";
import { projectName } from "./resolve-fleet.js";

/** Where a project's prompts are looked for before the built-in ones: project name → folders. */
export type PromptFolders = Readonly<Record<string, readonly string[]>>;

/** The project's own folder, then the fleet's. @param folder the fleet file's, which they are relative to */
export function promptFolders(file: FleetFile, folder: string): PromptFolders {
  const entries = file.projects.map((project) => {
    const named = [project.prompts, file.prompts].filter((path) => path !== undefined);
    return [projectName(project), named.map((path) => resolve(folder, path))] as const;
  });
  return Object.fromEntries(entries);
}

/** What is wrong with the folders the file names, so that no run begins with half a prompt. */
export function checkPrompts(file: FleetFile, folder: string): string[] {
  const named = [
    ["prompts", file.prompts] as const,
    ...file.projects.map(({ prompts }, index) => [`projects[${index}].prompts`, prompts] as const),
  ];
  return named.flatMap(([path, prompts]) =>
    prompts === undefined
      ? []
      : folderProblems(resolve(folder, prompts)).map((problem) => `${path}: ${problem}`),
  );
}

function folderProblems(folder: string): string[] {
  if (!existsSync(folder)) return [`${folder} doesn't exist`];
  return readable(folder, () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".md"));
    return files.flatMap((name) => fileProblems(join(folder, name), name.slice(0, -".md".length)));
  });
}

function fileProblems(path: string, name: string): string[] {
  if (!isPromptName(name)) {
    const known = PROMPT_NAMES.map((known) => `${known}.md`).join(", ");
    return [`${path} is no prompt's name; known: ${known}`];
  }
  return readable(path, () =>
    templateProblems(name, readFileSync(path, "utf8")).map((problem) => `${path} ${problem}`),
  );
}

function readable(path: string, check: () => string[]): string[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return [`${path} can't be read (${error.code})`];
  }
}

function isPromptName(name: string): name is PromptName {
  return PROMPT_NAMES.some((known) => known === name);
}
