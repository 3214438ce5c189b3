import { ConfigError } from "../config/errors.js";
import type { Config } from "../config/load.js";
import { TrackerError } from "../engine/tracker.js";
import { createGiteaAdmin, type GiteaAdmin, type StoredHook } from "../trackers/gitea-admin.js";
import { readEvents, unsentEvents } from "../webhooks/gitea/hook-events.js";
import { neededBy } from "./doctor/gitea-hooks.js";
import { type HookAct, planHook, strangers } from "./hook-plan.js";
import { plain } from "./look-command.js";
import { receiverAddress } from "./receiver-address.js";
import { configure } from "./wiring/configure.js";
import { asProcess } from "./wiring/lifecycle.js";

export interface HooksOptions {
  readonly config?: string | undefined;
  readonly url: string;
  readonly dryRun?: boolean | undefined;
  readonly rotate?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface Done {
  readonly repo: string;
  readonly did: HookAct["kind"] | "failed";
  readonly says: string;
}

const CALL_MS = 10_000;

/** `stagecoach hooks`: makes, mends and renews Gitea's webhooks of every project with a repo. */
export function hooks(options: HooksOptions): Promise<never> {
  const { config } = configure("hooks", {
    configPath: options.config,
    needs: "intake",
    quiet: true,
  });
  return asProcess(async () => {
    const { gitea, secret, projects } = accessOf(config);
    const { version } = await gitea.version();
    const url = receiverAddress(options.url);
    const events = readEvents(version);
    const done: Done[] = [];
    for (const project of projects) {
      const needed = neededBy(config, project);
      const wanted = { url, events, needed, rotate: options.rotate === true };
      const task = { gitea, secret, wanted, dryRun: options.dryRun === true };
      done.push(await inRepository(task, project.repo ?? ""));
    }
    console.log(options.json ? JSON.stringify({ url, hooks: done }) : textOf(done));
    if (done.some(({ did }) => did === "failed")) process.exitCode = 1;
  });
}

/** @throws ConfigError for what the environment or the fleet file lacks */
function accessOf({ environment, fleet }: Config) {
  const { giteaUrl: url, giteaToken: token, giteaWebhookSecrets } = environment;
  const [secret] = giteaWebhookSecrets;
  const projects = fleet.projects.filter(({ repo }) => repo !== null);
  if (url === null || token === null || secret === undefined || projects.length === 0) {
    throw new ConfigError([
      ...(url === null ? ["GITEA_URL: is missing"] : []),
      ...(token === null ? ["GITEA_TOKEN: is missing"] : []),
      ...(secret === undefined
        ? ["GITEA_WEBHOOK_SECRET: is missing; make one (openssl rand -hex 32)"]
        : []),
      ...(projects.length === 0 ? ["projects: none has a `repo`, so there is nothing to do"] : []),
    ]);
  }
  return { gitea: createGiteaAdmin({ url, token, timeoutMs: CALL_MS }), secret, projects };
}

interface Task {
  readonly gitea: GiteaAdmin;
  readonly secret: string;
  readonly wanted: Parameters<typeof planHook>[1];
  readonly dryRun: boolean;
}

async function inRepository(task: Task, repo: string): Promise<Done> {
  try {
    const there = await task.gitea.hooks(repo);
    const act = planHook(there, task.wanted);
    const made = task.dryRun ? null : await carryOut(task, repo, act);
    const others = strangers(there, task.wanted.url, act);
    const unsent = made === null ? [] : unsentEvents(task.wanted.needed, made.events);
    const says = [
      wordsFor(act, task.dryRun),
      ...(unsent.length === 0 ? [] : [`this server can't send ${unsent.join(", ")}`]),
      ...(others === 0 ? [] : [`${others} more lead to other receivers and are left alone`]),
    ];
    return { repo, did: act.kind, says: says.join("; ") };
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    return { repo, did: "failed", says: refused(error) };
  }
}

/** The hook as the server has it now; null: nothing was to be done. */
async function carryOut(
  { gitea, secret, wanted }: Task,
  repo: string,
  act: HookAct,
): Promise<StoredHook | null> {
  const { url } = wanted;
  const events = wanted.events.ask;
  switch (act.kind) {
    case "none":
      return null;
    case "create":
      return gitea.addHook(repo, { url, secret, events });
    case "repair": {
      const { id, authorization } = act.hook;
      return gitea.changeHook(repo, id, { url, events, authorization });
    }
    case "rotate": {
      // The new one comes first, so that nothing is missed; what both send counts once.
      const made = await gitea.addHook(repo, { url, secret, events });
      for (const { id } of act.hooks) await gitea.removeHook(repo, id);
      return made;
    }
  }
}

function wordsFor(act: HookAct, dryRun: boolean): string {
  const would = dryRun ? "would be " : "";
  switch (act.kind) {
    case "none":
      return "in order";
    case "create":
      return `${would}made`;
    case "repair":
      return `${would}mended: ${act.why.join(", ")}; its secret stays (--rotate gives a new one)`;
    case "rotate":
      return `${would}made anew with the first of GITEA_WEBHOOK_SECRET, ${act.hooks.length} removed`;
  }
}

/** Gitea hides repositories and their settings from who may not see them. */
function refused(error: TrackerError): string {
  if (error.status !== 403 && error.status !== 404) return error.message;
  return `${error.message}; webhooks take an administrator of the repository: give the bot that right (and its token the scope write:repository), or make the webhook by hand`;
}

function textOf(done: readonly Done[]): string {
  return done.map(({ repo, says }) => `${plain(repo)}: ${plain(says)}`).join("\n");
}
