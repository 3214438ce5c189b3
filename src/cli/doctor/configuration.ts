import type { Config } from "../../config/load.js";
import { type Check, type Finding, fail, ok, warn } from "./check.js";
import type { Patient } from "./patient.js";

/** What `stagecoach.yaml` and the environment say, before anybody is asked whether it is true. */
export function configurationChecks(patient: Patient): readonly Check[] {
  const { config } = patient;
  return [
    { name: "configuration", look: async () => problemsOf(patient) },
    ...(config === null
      ? []
      : [
          { name: "approvers", look: async () => [approversOf(config)] },
          { name: "webhook secrets", look: async () => secretsOf(config) },
          { name: "metadata parser", look: async () => [parserOf(config, patient)] },
        ]),
  ];
}

function problemsOf({ problems, config }: Patient): readonly Finding[] {
  if (problems.length > 0) {
    return problems.map((problem) => fail(problem, mendOf(problem)));
  }
  const count = config?.fleet.projects.length ?? 0;
  return [ok(`${config?.path} is in order, ${count} project${count === 1 ? "" : "s"}`)];
}

/** Most problems say themselves what to do. */
function mendOf(problem: string): string {
  if (/there is no such file/.test(problem)) return "`stagecoach init` writes one";
  if (/ANTHROPIC_API_KEY/.test(problem)) return "set ANTHROPIC_API_KEY, or choose another runner";
  return "correct it there, and run this again; no process starts before";
}

function approversOf({ fleet }: Config): Finding {
  if (fleet.approvers.length > 0) return ok(`${fleet.approvers.length} may approve`);
  return warn(
    "nobody may approve, so no analysis can pass, and nobody may give commands",
    "name Gitea logins, Plane e-mails or user ids under `approvers`",
  );
}

function secretsOf({ environment, fleet }: Config): readonly Finding[] {
  const asked = [
    {
      name: "GITEA_WEBHOOK_SECRET",
      used: fleet.projects.some(({ repo }) => repo !== null),
      secrets: environment.giteaWebhookSecrets,
    },
    {
      name: "PLANE_WEBHOOK_SECRET",
      used: fleet.projects.some(({ plane }) => plane !== null),
      secrets: environment.planeWebhookSecrets,
    },
  ];
  const missing = asked.filter(({ used, secrets }) => used && secrets.length === 0);
  const unsigned = environment.allowUnsignedWebhooks
    ? [
        warn(
          "ALLOW_UNSIGNED_WEBHOOKS is on: whoever reaches the receiver can start agents",
          "unset it anywhere but in a test",
        ),
      ]
    : [];
  if (missing.length === 0) return [...unsigned, ok("each tracker's webhooks can be verified")];
  return [
    ...unsigned,
    ...missing.map(({ name }) =>
      fail(
        `${name} is not set, so every webhook is refused unless unsigned ones are let in`,
        `set ${name} to what the webhook has (for a new one: openssl rand -hex 32)`,
      ),
    ),
  ];
}

function parserOf({ settings, warnings }: Config, { environment }: Patient): Finding {
  if (warnings.some((warning) => warning.startsWith("parser:"))) {
    return warn(
      "`parser: anthropic` needs ANTHROPIC_API_KEY, which isn't set; rules read the issues instead",
      "set ANTHROPIC_API_KEY, or say `parser: rules`",
    );
  }
  if (settings.parser === "anthropic") return ok(`a model (${settings.parserModel}) reads issues`);
  const why = environment?.anthropicApiKey === null ? ", as there is no ANTHROPIC_API_KEY" : "";
  return ok(`rules read issues${why}`);
}
