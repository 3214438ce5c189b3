import type { Config } from "../../config/load.js";

const DEFAULT_MINUTES = 30;

/** How long a stopping worker lets agents finish, in ms: `drainMinutes`, else their own time limit. */
export function drainMs({ settings, fleet }: Config): number {
  const limits = fleet.projects.flatMap((project) =>
    Object.values(project.agents).map((agent) => agent.timeoutMinutes),
  );
  const minutes = settings.drainMinutes ?? Math.max(DEFAULT_MINUTES, ...limits);
  return minutes * 60_000;
}
