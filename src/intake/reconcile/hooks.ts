import { createHash } from "node:crypto";
import { recoveryCount } from "../../domain/counts.js";
import type { Project } from "../../domain/fleet.js";
import type { RepositoryHook } from "../../engine/tracker.js";
import { isReceiver, neededEvents, unsentEvents } from "../../webhooks/gitea/hook-events.js";
import type { ReconcileDeps, RepositoryCheck } from "./check.js";
import { notifyOf } from "./notices.js";

/** Webhooks that are missing, switched off, or silent about what is needed. Said once. */
export const hooksCheck: RepositoryCheck = {
  name: "hooks",
  asks: "forge",
  async look(deps, { project, forge, repo }) {
    const hooks = await forge.hooks(repo);
    if (hooks === null) return sayUnseen(deps, project);
    await say(deps, project, troubleOf(deps, project, hooks));
  },
};

function markOf({ name }: Project): string {
  return `hook:${name}`;
}

async function sayUnseen(deps: ReconcileDeps, project: Project): Promise<void> {
  const unseen = "unseen";
  if ((await deps.memory.get(markOf(project))) === unseen) return;
  const what = "the token may not list webhooks, so nobody sees whether they are in order";
  deps.log.info({ project: project.name, repo: project.repo }, what);
  await deps.memory.put(markOf(project), unseen);
}

/** Null: nothing is amiss. Several hooks together may send what is needed. */
function troubleOf(
  deps: ReconcileDeps,
  project: Project,
  hooks: readonly RepositoryHook[],
): string | null {
  const ours = hooks.filter(({ url }) => isReceiver(url));
  if (ours.length === 0) {
    return `${project.repo} has no webhook to /webhook/gitea. If its organisation's or the server's sends none either, every event is found late.`;
  }
  const active = ours.filter((hook) => hook.active);
  if (active.length === 0) return `The webhook of ${project.repo} is not active.`;
  const listed = active.flatMap(({ events }) => events);
  const missing = unsentEvents(neededBy(deps, project), listed);
  if (missing.length === 0) return null;
  return `The webhook of ${project.repo} doesn't send: ${missing.join(", ")}.`;
}

function neededBy({ fleet }: ReconcileDeps, project: Project): readonly (readonly string[])[] {
  const steps = fleet.pipelines[project.pipeline]?.steps ?? [];
  return neededEvents(steps.map(({ gate }) => gate));
}

async function say(deps: ReconcileDeps, project: Project, trouble: string | null): Promise<void> {
  const before = await deps.memory.get(markOf(project));
  if (trouble === null) {
    if (before !== null) await deps.memory.forget([markOf(project)]);
    return;
  }
  if (before === trouble) return;
  deps.log.warn({ project: project.name, repo: project.repo }, trouble);
  const said = createHash("sha256").update(`${trouble}${deps.clock()}`).digest("hex");
  await notifyOf(deps, `hook-${project.name}-${said.slice(0, 16)}`, project.name, trouble);
  await deps.count(recoveryCount("hook"));
  await deps.memory.put(markOf(project), trouble);
}
