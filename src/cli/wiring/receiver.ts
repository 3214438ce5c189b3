import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Config } from "../../config/load.js";
import { logsOfVersion } from "../../engine/run-logs.js";
import { stageOfVersion } from "../../engine/stage-of-version.js";
import { createApp } from "../../http/app.js";
import { createOperatorRoutes } from "../../http/operators.js";
import { createLimitedServer, SERVER_LIMITS, type ServerLimits } from "../../http/server.js";
import { strayVisitors } from "../../http/stray-visitors.js";
import { operate } from "../../intake/operate.js";
import { boardAdapters } from "../../queue/board-adapters.js";
import { createDeliveryJobs } from "../../queue/delivery-jobs.js";
import { createQueueDepths } from "../../queue/queue-depths.js";
import { createChangeFeed } from "../../redis/change-feed.js";
import { createCounters } from "../../redis/counter-store.js";
import { createDeliveryIntake } from "../../redis/delivery-intake.js";
import { checkPolicy } from "../../redis/policy.js";
import { createRunLogs } from "../../redis/run-log.js";
import { registerFleetCounters } from "../../telemetry/fleet-counters.js";
import type { Logger } from "../../telemetry/logger.js";
import { createMetrics } from "../../telemetry/metrics.js";
import { registerQueueGauges } from "../../telemetry/queue-gauges.js";
import type { IngestDeps } from "../../webhooks/ingest.js";
import type { DeliverySpool } from "../../webhooks/ports.js";
import { coreOf } from "./core.js";
import { openSpool, startDraining } from "./spool.js";
import type { Store } from "./store.js";

export interface Receiver {
  /** Where it listens, without trailing slash. */
  readonly url: string;
  /** Logs the admin in; made anew at each start. */
  readonly loginUrl: string;
  /** Made at start, for want of a BOARD_PASSWORD: nobody else knows it. */
  readonly madeLogin: { readonly username: string; readonly password: string } | null;
  /**
   * Says on `/readyz` that it goes, accepts no new connections, answers what is under way, and
   * closes, after at most `lastCallMs` and five seconds.
   */
  close(): Promise<void>;
}

export interface ReceiverOptions {
  /** How long `/readyz` says 503 before connections are refused, in ms; default 0. */
  readonly lastCallMs?: number;
  /** Tighter ones than the server's own. */
  readonly limits?: Partial<ServerLimits>;
}

/** A webhook and its answer take milliseconds; what takes longer than this is cut off at the end. */
const CLOSING_MS = 5_000;

/** The receiver and the operators' pages, listening. */
export async function startReceiver(
  config: Config,
  store: Store,
  log: Logger,
  { lastCallMs = 0, limits = {} }: ReceiverOptions = {},
): Promise<Receiver> {
  const { environment, fleet, settings } = config;
  const password = environment.boardPassword ?? randomBytes(18).toString("base64url");
  const madeLogin =
    environment.boardPassword === null ? { username: environment.boardUsername, password } : null;
  let leaving = false;
  const loginToken = randomBytes(24).toString("base64url");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerFleetCounters(registry, createCounters(store.redis, store.prefix), log);
  registerQueueGauges(
    registry,
    createQueueDepths(store.queues, () => Date.now()),
    log,
  );
  const runLogs = createRunLogs(store.redis, store.prefix, log);
  const changes = createChangeFeed(store.redis, store.prefix, log);
  const gone = new AbortController();
  const metrics = createMetrics(registry);
  const spool = await openSpool(config, log);
  const ingest: IngestDeps = {
    intake: createDeliveryIntake(
      store.redis,
      store.prefix,
      createDeliveryJobs(store.queues),
      settings.retention,
    ),
    spool: spool ?? undefined,
    fleet,
    secrets: { gitea: environment.giteaWebhookSecrets, plane: environment.planeWebhookSecrets },
    allowUnsigned: environment.allowUnsignedWebhooks,
    clock: () => new Date(),
  };
  metrics.spool(() => spool?.waiting() ?? 0);
  const draining = spool === null ? null : startDraining(spool, ingest, log);
  const ready = () => (leaving ? Promise.resolve(LEAVING) : readiness(store, spool, log));
  const app = createApp({
    ingest,
    health: { ready },
    registry,
    metrics,
    log,
    bodyLimit: settings.maxBodyBytes,
    extraRoutes: [
      strayVisitors(),
      ...createOperatorRoutes({
        items: store.items,
        runLogs,
        changes,
        leaving: gone.signal,
        operate: (item, command, name) =>
          operate(coreOf(config, store, log), item, command, { name, via: "the item page" }),
        board: boardAdapters(store.queues, {
          logsOf: (job) => logsOfVersion(store.items, runLogs, job),
          stageOf: (job) => stageOfVersion(store.items, job),
        }),
        credentials: credentialsOf(config, password),
        loginToken,
        fleet,
        log,
        clock: () => new Date(),
      }),
    ],
  });
  const answer = app.callback();
  const server = createLimitedServer(
    (request, response) => {
      // Whoever keeps a connection open learns that this was its last answer.
      if (leaving) response.setHeader("Connection", "close");
      void answer(request, response);
    },
    { ...SERVER_LIMITS, ...limits },
  );
  const url = await listen(server, environment.port, environment.host);
  return {
    url,
    loginUrl: `${url}/login?token=${loginToken}`,
    madeLogin,
    async close() {
      leaving = true;
      gone.abort();
      changes.close();
      await pause(lastCallMs);
      await close(server);
      await draining?.stop();
      await spool?.close();
    },
  };
}

const LEAVING = { ok: false, reason: "it is stopping" };

function credentialsOf({ environment }: Config, password: string) {
  const { boardUsername, boardViewerUsername, boardViewerPassword } = environment;
  const viewer =
    boardViewerUsername !== null && boardViewerPassword !== null
      ? { username: boardViewerUsername, password: boardViewerPassword }
      : undefined;
  return { admin: { username: boardUsername, password }, viewer };
}

async function readiness(
  store: Store,
  spool: DeliverySpool | null,
  log: Logger,
): Promise<{ ok: boolean; reason?: string }> {
  try {
    await store.redis.ping();
    await checkPolicy(store.redis, log);
    const waiting = spool?.waiting() ?? 0;
    if (waiting > 0)
      return { ok: false, reason: `${waiting} spooled deliveries are being taken in` };
    return { ok: true };
  } catch (error) {
    log.warn({ err: error }, "not ready");
    return { ok: false, reason: "Redis is not reachable or has the wrong policy" };
  }
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(urlOf(server.address() as AddressInfo)));
  });
}

/** Every address of this machine (0.0.0.0, ::) is none to visit. */
function urlOf({ address, family, port }: AddressInfo): string {
  if (address === "0.0.0.0" || address === "::") return `http://localhost:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Idle connections are closed at once, those under way by their answers, or when time is up. */
async function close(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeIdleConnections();
    });
  } finally {
    clearTimeout(timer);
  }
}
