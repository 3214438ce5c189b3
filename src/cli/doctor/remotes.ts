import type { Config } from "../../config/load.js";
import type { Project } from "../../domain/fleet.js";
import { probeRemote } from "../../workspace/probe-remote.js";
import { remoteCredentials } from "../wiring/remote-credentials.js";
import { type Check, type Finding, fail, ok } from "./check.js";
import type { Patient } from "./patient.js";

/** Each project's repository, through the fleet's own git. */
export function remoteChecks(patient: Patient): readonly Check[] {
  const { config } = patient;
  if (config === null) return [];
  return config.fleet.projects
    .filter(({ remote }) => remote !== "")
    .map((project) => ({
      name: `git remote of ${project.name}`,
      look: async () => [await finding(patient, config, project)],
    }));
}

async function finding(
  { env, callMs }: Patient,
  config: Config,
  { remote, baseBranch }: Project,
): Promise<Finding> {
  const seen = await probeRemote({
    address: remote,
    baseBranch,
    credentials: remoteCredentials(config),
    environment: env,
    timeoutMs: callMs,
  });
  switch (seen.kind) {
    case "writable":
      return ok(`${remote} can be read and pushed to`);
    case "unreachable":
      return fail(
        seen.why,
        "see that `remote` (or GITEA_URL and repo) is right, and that the bot or its SSH key may read it",
      );
    case "unwritable":
      return fail(
        `${remote} can be read and not pushed to: ${seen.why}`,
        "give the bot (or its SSH key) write access to the repository, and its token write:repository",
      );
    case "no-base":
      return fail(
        `${remote} has no branch ${baseBranch}`,
        "push a first commit to it, or set the project's baseBranch",
      );
  }
}
