import { createClaudeCodeRunner } from "../../agents/claude-code.js";
import { createCommandRunner } from "../../agents/command.js";
import { createGateCommand } from "../../agents/gate-command.js";
import { createMasker } from "../../agents/mask.js";
import type { Contain } from "../../agents/sandbox.js";
import { createScriptedRunner } from "../../agents/scripted.js";
import type { Config } from "../../config/load.js";
import type { RawEnvironment } from "../../config/variables.js";
import type { EvaluateDeps } from "../../engine/evaluate.js";
import type { HousekeepingDeps } from "../../engine/housekeeping.js";
import type { RunDeps } from "../../engine/run-deps.js";
import type { Runners } from "../../engine/runner.js";
import { gateNamed, unknownGate } from "../../gates/registry.js";
import type { TellDeps } from "../../notify/tell.js";
import type { WorkerContext } from "../../queue/worker.js";
import { createRunLogs } from "../../redis/run-log.js";
import type { Logger } from "../../telemetry/logger.js";
import { createWorkspace } from "../../workspace/create-workspace.js";
import { containmentOf } from "./containment.js";
import { coreOf } from "./core.js";
import { promptRenderer } from "./prompts.js";
import { remoteCredentials } from "./remote-credentials.js";
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
  /** How long to wait after so many transient endings in a row, in ms; default: with full jitter. */
  readonly transientDelay?: (inARow: number) => number;
}

export function workerContext({ store, log }: FleetParts): WorkerContext {
  return { connection: store.redis, prefix: store.queues.prefix, log };
}

function workspaceOf({ config, env, log }: FleetParts) {
  const { dataDir, secrets } = config.environment;
  const { freeDiskBytes, maxRunBytes } = config.settings;
  return createWorkspace({
    dataDir,
    log,
    environment: env,
    secrets,
    room: { freeBytes: freeDiskBytes },
    maxRunBytes,
    credentials: remoteCredentials(config),
  });
}

/** What a worker's host needs to keep its disk use bounded. */
export function housekeepingDeps(parts: FleetParts): HousekeepingDeps {
  const { fleet, items, log, clock } = coreOf(parts.config, parts.store, parts.log);
  const keepCheckoutsMs = parts.config.settings.retention.checkoutsMs;
  return { fleet, items, log, clock, keepCheckoutsMs, folders: workspaceOf(parts) };
}

export function stageDeps(parts: FleetParts): EvaluateDeps {
  const { config, env, store, outside, log } = parts;
  const workspace = workspaceOf(parts);
  const masker = createMasker(config.environment.secrets);
  const contain = containmentOf(parts);
  return {
    ...coreOf(config, store, log),
    workspace,
    gateNamed: (name) => gateNamed(name) ?? unknownGate(name),
    forgeOf: outside.forgeOf,
    runGateCommand: createGateCommand({ workspace, environment: env, masker, contain }),
    heartbeatMs: parts.heartbeatMs ?? HEARTBEAT_MS,
  };
}

export async function agentDeps(parts: FleetParts): Promise<RunDeps> {
  const { config, env, store, log } = parts;
  const logs = createRunLogs(store.redis, store.prefix, log);
  const masker = createMasker(config.environment.secrets);
  const contain = containmentOf(parts);
  const runners: Runners = {
    "claude-code": createClaudeCodeRunner({ environment: env, contain }),
    ...(await anthropicRunner(parts, contain)),
    command: createCommandRunner({ environment: env, contain }),
    scripted: createScriptedRunner(),
    ...parts.runners,
  };
  return {
    ...coreOf(config, store, log),
    workspace: workspaceOf(parts),
    runners,
    renderPrompt: await promptRenderer(config.prompts),
    mask: masker.maskCut,
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
    ...(parts.transientDelay && { transientDelay: parts.transientDelay }),
  };
}

/**
 * Only with a key; config lets nobody name the runner without one. Its SDK is a quarter of all that is
 * loaded at start, so it is loaded where it is used.
 */
async function anthropicRunner({ config, env }: FleetParts, contain: Contain): Promise<Runners> {
  const { anthropicApiKey: apiKey, anthropicBaseUrl: baseURL } = config.environment;
  if (apiKey === null) return {};
  const { createAnthropicRunner } = await import("../../agents/anthropic.js");
  return {
    anthropic: createAnthropicRunner({
      apiKey,
      baseURL,
      environment: env,
      contain,
    }),
  };
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
