import type { Fleet } from "../domain/fleet.js";
import type { RawEnvironment } from "./variables.js";

/** A variable whose name says that its value must not be seen. */
const SECRET_NAME = /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i;

/** Secrets the fleet hands to its agents, which may print them or write them into a file. */
export function agentSecrets(fleet: Fleet, env: RawEnvironment): readonly string[] {
  const agents = fleet.projects.flatMap((project) => Object.values(project.agents));
  const names = new Set(agents.flatMap((settings) => settings.env));
  const secret = [...names].filter((name) => SECRET_NAME.test(name));
  return secret.flatMap((name) => {
    const value = env[name]?.trim();
    return value ? [value] : [];
  });
}
