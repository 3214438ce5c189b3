import { join } from "node:path";
import { createCommandRunner } from "../../agents/command.js";
import { createGateCommand } from "../../agents/gate-command.js";
import { createMasker } from "../../agents/mask.js";
import { loadPrompts, type Prompts } from "../../agents/prompts.js";
import { createScriptedRunner } from "../../agents/scripted.js";
import type { Config } from "../../config/load.js";
import type { RawEnvironment } from "../../config/variables.js";
import { artifactsFolder } from "../../domain/artifacts.js";
import type { WorkStage } from "../../domain/stage.js";
import type { EvaluateDeps } from "../../engine/evaluate.js";
import type { PromptRequest, RunDeps } from "../../engine/run-stage.js";
import type { Runners } from "../../engine/runner.js";
import { gateNamed, unknownGate } from "../../gates/registry.js";
import type { TellDeps } from "../../notify/tell.js";
import type { WorkerContext } from "../../queue/worker.js";
import { createRunLogs } from "../../redis/run-log.js";
import type { Logger } from "../../telemetry/logger.js";
import { createWorkspace } from "../../workspace/create-workspace.js";
import { coreOf } from "./core.js";
import { packageRoot } from "./package-root.js";
import type { Store } from "./store.js";
import type { Outside } from "./trackers.js";

const HEARTBEAT_MS = 5_000;

export interface FleetParts {
  readonly config: Config;
  /** The process's environment, of which agents see an allow-list. */
  readonly env: RawEnvironment;
  readonly store: Store;
  readonly outside: Outside;
  readonly log: Logger;
  /** Take the place of the built-in runners of the same name. */
  readonly runners?: Runners;
  /** How often a run looks whether it still owns its item, in ms; default 5 s. */
  readonly heartbeatMs?: number;
}

export function workerContext({ store, log }: FleetParts): WorkerContext {
  return { connection: store.redis, prefix: store.queues.prefix, log };
}

/** Git reaches the forge as the bot, by its token, and no other host with it. */
function workspaceOf({ config, env, log }: FleetParts) {
  const { dataDir, secrets, giteaToken, giteaUrl } = config.environment;
  const forge = giteaUrl === null ? null : new URL(giteaUrl).origin;
  return createWorkspace({
    dataDir,
    log,
    environment: env,
    secrets,
    credentials: (url) =>
      giteaToken !== null && url.origin === forge
        ? { username: config.fleet.bot, password: giteaToken }
        : null,
  });
}

export function stageDeps(parts: FleetParts): EvaluateDeps {
  const { config, env, store, outside, log } = parts;
  const workspace = workspaceOf(parts);
  const masker = createMasker(config.environment.secrets);
  return {
    ...coreOf(config, store, log),
    workspace,
    gateNamed: (name) => gateNamed(name) ?? unknownGate(name),
    forgeOf: outside.forgeOf,
    runGateCommand: createGateCommand({ workspace, environment: env, masker }),
  };
}

export async function agentDeps(parts: FleetParts): Promise<RunDeps> {
  const { config, env, store, log } = parts;
  const logs = createRunLogs(store.redis, store.prefix, log);
  const masker = createMasker(config.environment.secrets);
  const runners: Runners = {
    command: createCommandRunner({ environment: env }),
    scripted: createScriptedRunner(),
    ...parts.runners,
  };
  const prompts = await loadPrompts(join(packageRoot(), "prompts"));
  return {
    ...coreOf(config, store, log),
    workspace: workspaceOf(parts),
    runners,
    renderPrompt: (request) => renderPrompt(prompts, request),
    openLog(run) {
      const stored = logs.open(run);
      const masked = masker.stream();
      return {
        write: (chunk) => stored.write(masked.push(chunk)),
        async close() {
          stored.write(masked.end());
          await stored.close();
        },
      };
    },
    heartbeatMs: parts.heartbeatMs ?? HEARTBEAT_MS,
  };
}

function renderPrompt(prompts: Prompts, request: PromptRequest): string {
  const { item, role, task, takenOut, developerRunCap } = request;
  return prompts.render({
    item: item.id,
    stage: item.stage as WorkStage,
    role,
    branch: item.branch,
    artifacts: artifactsFolder(item.id),
    task,
    cause: item.cause,
    attempt: role === "developer" ? { number: item.developerRuns + 1, of: developerRunCap } : null,
    takenOut,
  });
}

export function notifierDeps(
  { config, store, outside, log }: FleetParts,
  baseUrl: string | null,
): TellDeps {
  return {
    ...coreOf(config, store, log),
    locks: store.locks,
    tracker: outside.tracker,
    forgeOf: outside.forgeOf,
    notify: outside.notify,
    pageOf: (item) => (baseUrl === null ? null : `${baseUrl}/items/${encodeURIComponent(item)}`),
  };
}
