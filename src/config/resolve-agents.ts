import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { AgentSettings } from "../domain/fleet.js";
import { ROLES, type Role } from "../domain/stage.js";
import type { AgentEntry } from "./agent-entry.js";
import { DEFAULT_AGENT } from "./defaults.js";

type AgentEntries = Readonly<Partial<Record<Role | "default", AgentEntry | undefined>>> | undefined;

/**
 * Each role's settings: what the project says of the role, else of its default, else what the fleet
 * says of the role, else of its default. A deployer exists only where somebody configured one, since
 * the deploy stage passes without; every other role does.
 * @param folder where relative programs and scripts are looked for: the fleet file's
 */
export function resolveAgents(
  fleet: AgentEntries,
  project: AgentEntries,
  folder: string,
): Readonly<Partial<Record<Role, AgentSettings>>> {
  const agents: Partial<Record<Role, AgentSettings>> = {};
  for (const role of ROLES) {
    if (role === "deployer" && !fleet?.deployer && !project?.deployer) continue;
    const layers = [fleet?.default, fleet?.[role], project?.default, project?.[role]];
    agents[role] = inFolder(layers.reduce<AgentSettings>(inherit, DEFAULT_AGENT), folder);
  }
  return agents;
}

function inherit(base: AgentSettings, entry: AgentEntry | undefined): AgentSettings {
  if (entry === undefined) return base;
  const runner = entry.runner ?? base.runner;
  return {
    runner,
    // A command is written for its runner: another one would take it for its own program.
    command: entry.command ?? (runner === base.runner ? base.command : []),
    script: entry.script ?? base.script,
    timeoutMinutes: entry.timeoutMinutes ?? base.timeoutMinutes,
    silentMinutes: entry.silentMinutes ?? base.silentMinutes,
    env: entry.env ?? base.env,
    sandbox: entry.sandbox ?? base.sandbox,
    user: entry.user ?? base.user,
    model: entry.model ?? base.model,
    maxConcurrent: entry.maxConcurrent ?? base.maxConcurrent,
  };
}

/**
 * `./agent.sh` beside the fleet file is the operator's program; the worktree's file of that name is
 * whoever's who can push the branch, so it is meant only where the operator has none.
 */
function inFolder(settings: AgentSettings, folder: string): AgentSettings {
  const [program, ...rest] = settings.command;
  const beside = program !== undefined && /^\.\.?\//.test(program) ? resolve(folder, program) : "";
  return {
    ...settings,
    command: beside !== "" && existsSync(beside) ? [beside, ...rest] : settings.command,
    script: settings.script === null ? null : resolve(folder, settings.script),
  };
}
