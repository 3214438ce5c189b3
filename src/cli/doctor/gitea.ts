import type { Config } from "../../config/load.js";
import type { Project } from "../../domain/fleet.js";
import { TrackerError } from "../../engine/tracker.js";
import { createGiteaAdmin, type GiteaAdmin } from "../../trackers/gitea-admin.js";
import { type Check, type Finding, fail, ok, once, warn, wordsOf } from "./check.js";
import { clockFinding } from "./clock.js";
import { hookFindings } from "./gitea-hooks.js";
import type { Patient } from "./patient.js";

/** What a token must be allowed to, as Gitea's and Forgejo's form for a new one calls it. */
export const SCOPES = "read:user, write:repository and write:issue";
const MEND_SCOPE = `make the bot a new token with the scopes ${SCOPES}`;

/** @param receiver where webhooks should lead; null: anywhere that ends as a receiver's address */
export function giteaChecks(patient: Patient, receiver: string | null): readonly Check[] {
  const { config } = patient;
  const projects = config?.fleet.projects.filter(({ repo }) => repo !== null) ?? [];
  if (config === null || projects.length === 0) return [];
  const { giteaUrl, giteaToken } = config.environment;
  if (giteaUrl === null || giteaToken === null) {
    return [{ name: "Gitea", look: async () => [notSet(config)] }];
  }
  const gitea = createGiteaAdmin({ url: giteaUrl, token: giteaToken, timeoutMs: patient.callMs });
  const server = once(() => lookAtServer(gitea, patient, config));
  const ofRepository = (project: Project) => async () => {
    // What is wrong with the server or the token isn't said again for each repository.
    if (!(await server()).usable) return [];
    const found = await repositoryFindings(gitea, project);
    if (found.some(({ level }) => level === "fail")) return found;
    return [...found, ...(await hookFindings(gitea, config, project, receiver))];
  };
  return [
    { name: "Gitea", look: async () => (await server()).found },
    ...projects.map((project) => ({ name: project.repo ?? "", look: ofRepository(project) })),
  ];
}

function notSet({ environment }: Config): Finding {
  const missing = [
    ...(environment.giteaUrl === null ? ["GITEA_URL"] : []),
    ...(environment.giteaToken === null ? ["GITEA_TOKEN"] : []),
  ];
  const says = `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`;
  return fail(
    says,
    `set ${missing.length === 1 ? "it" : "them"}; the token is the bot's, with the scopes ${SCOPES}`,
  );
}

interface Server {
  readonly usable: boolean;
  readonly found: readonly Finding[];
}

async function lookAtServer(
  gitea: GiteaAdmin,
  { clock }: Patient,
  { fleet }: Config,
): Promise<Server> {
  try {
    const before = clock();
    const { version, at } = await gitea.version();
    const clocks = at === null ? [] : [clockFinding("Gitea's", at - (before + clock()) / 2)];
    const account = await accountOf(gitea, fleet.bot);
    return { usable: true, found: [ok(`version ${version}`), account, ...clocks] };
  } catch (error) {
    return { usable: false, found: [unusable(error)] };
  }
}

function unusable(error: unknown): Finding {
  if (statusOf(error) === 401) {
    return fail("GITEA_TOKEN isn't valid (any more)", MEND_SCOPE);
  }
  return fail(
    wordsOf(error),
    "see that GITEA_URL is the address of its start page, and that it runs",
  );
}

async function accountOf(gitea: GiteaAdmin, bot: string): Promise<Finding> {
  try {
    const login = await gitea.whoAmI();
    if (login.toLowerCase() === bot.toLowerCase()) return ok(`the token is ${login}'s`);
    return fail(
      `the token is ${login}'s, and \`bot\` is ${bot}: it would answer its own comments`,
      `make the token as ${bot}, or set \`bot: ${login}\``,
    );
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return warn("the token lacks the scope read:user, so nobody sees whose it is", MEND_SCOPE);
  }
}

async function repositoryFindings(gitea: GiteaAdmin, project: Project): Promise<Finding[]> {
  const repo = project.repo ?? "";
  try {
    const rights = await gitea.rights(repo);
    if (rights === null) {
      return [
        fail("no such repository, or the bot may not see it", "correct `repo`, or invite it"),
      ];
    }
    if (!rights.push) {
      return [fail("the bot may not write to it", "make it a collaborator with write access")];
    }
  } catch (error) {
    return [refusal(error, "read:repository")];
  }
  const lacking = [
    ...(await lackOf(gitea, repo, "pulls", "write:repository")),
    ...(await lackOf(gitea, repo, "issues", "write:issue")),
  ];
  return lacking.length > 0 ? lacking : [ok("the bot may write to it, and to its issues")];
}

async function lackOf(
  gitea: GiteaAdmin,
  repo: string,
  what: "issues" | "pulls",
  scope: string,
): Promise<readonly Finding[]> {
  try {
    await gitea.tryWriting(repo, what);
    return [];
  } catch (error) {
    // Whatever else it says of what doesn't exist, the scope was looked at before.
    const status = statusOf(error);
    return status !== null && status !== 403 && status < 500 ? [] : [refusal(error, scope)];
  }
}

function refusal(error: unknown, scope: string): Finding {
  if (statusOf(error) !== 403) return fail(wordsOf(error), "look into the server's log");
  return fail(`the token lacks the scope ${scope} (${wordsOf(error)})`, MEND_SCOPE);
}

export function statusOf(error: unknown): number | null {
  return error instanceof TrackerError ? error.status : null;
}
