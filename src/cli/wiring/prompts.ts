import { join } from "node:path";
import { loadPrompts, type Prompts } from "../../agents/prompts.js";
import type { PromptFolders } from "../../config/prompt-folders.js";
import { artifactsFolder } from "../../domain/artifacts.js";
import type { WorkStage } from "../../domain/stage.js";
import type { PromptRequest } from "../../engine/run-deps.js";
import { packageRoot } from "./package-root.js";

/** Reads every project's prompts once; a change of the files counts from the next start. */
export async function promptRenderer(
  folders: PromptFolders,
): Promise<(request: PromptRequest) => string> {
  const builtIn = join(packageRoot(), "prompts");
  const entries = Object.entries(folders).map(
    async ([project, own]) => [project, await loadPrompts([...own, builtIn])] as const,
  );
  const byProject = new Map(await Promise.all(entries));
  return (request) => {
    const prompts = byProject.get(request.project.name);
    if (prompts === undefined) throw new Error(`no prompts for project ${request.project.name}`);
    return render(prompts, request);
  };
}

function render(prompts: Prompts, request: PromptRequest): string {
  const { item, role, task, takenOut, documents, history, developerRunCap } = request;
  return prompts.render({
    item: item.id,
    stage: item.stage as WorkStage,
    role,
    branch: item.branch,
    artifacts: artifactsFolder(item.id),
    task,
    cause: item.cause,
    attempt: role === "developer" ? { number: item.developerRuns + 1, of: developerRunCap } : null,
    documents,
    history,
    takenOut,
  });
}
