import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Config } from "../../config/load.js";
import { createApp } from "../../http/app.js";
import { createOperatorRoutes } from "../../http/operators.js";
import { boardAdapters } from "../../queue/board-adapters.js";
import { createDeliveryQueue } from "../../queue/producers.js";
import { createDeliveryLedger } from "../../redis/delivery-ledger.js";
import { checkPolicy } from "../../redis/policy.js";
import type { Logger } from "../../telemetry/logger.js";
import { createMetrics } from "../../telemetry/metrics.js";
import type { Store } from "./store.js";

export interface Receiver {
  /** Where it listens, without trailing slash. */
  readonly url: string;
  /** Logs the admin in; made anew at each start. */
  readonly loginUrl: string;
  /** True: the password was made at start, and only the link and this process know it. */
  readonly madePassword: string | null;
  /** Accepts no new connections, answers what is under way, and closes. */
  close(): Promise<void>;
}

/** The receiver and the operators' pages, listening. */
export async function startReceiver(config: Config, store: Store, log: Logger): Promise<Receiver> {
  const { environment, fleet, settings } = config;
  const madePassword =
    environment.boardPassword === null ? randomBytes(18).toString("base64url") : null;
  const loginToken = randomBytes(24).toString("base64url");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const app = createApp({
    ingest: {
      ledger: createDeliveryLedger(store.redis, store.prefix, settings.retention),
      queue: createDeliveryQueue(store.queues),
      fleet,
      secrets: { gitea: environment.giteaWebhookSecrets, plane: environment.planeWebhookSecrets },
      allowUnsigned: environment.allowUnsignedWebhooks,
      clock: () => new Date(),
    },
    health: { ready: () => readiness(store, log) },
    registry,
    metrics: createMetrics(registry),
    log,
    bodyLimit: settings.maxBodyBytes,
    extraRoutes: createOperatorRoutes({
      items: store.items,
      board: boardAdapters(store.queues),
      credentials: credentialsOf(config, madePassword ?? environment.boardPassword ?? ""),
      loginToken,
      fleet,
      log,
      clock: () => new Date(),
    }),
  });
  const server = createServer(app.callback());
  const url = await listen(server, environment.port, environment.host);
  return {
    url,
    loginUrl: `${url}/login?token=${loginToken}`,
    madePassword,
    close: () => close(server),
  };
}

function credentialsOf({ environment }: Config, password: string) {
  const { boardUsername, boardViewerUsername, boardViewerPassword } = environment;
  const viewer =
    boardViewerUsername !== null && boardViewerPassword !== null
      ? { username: boardViewerUsername, password: boardViewerPassword }
      : undefined;
  return { admin: { username: boardUsername, password }, viewer };
}

async function readiness(store: Store, log: Logger): Promise<{ ok: boolean; reason?: string }> {
  try {
    await store.redis.ping();
    await checkPolicy(store.redis, log);
    return { ok: true };
  } catch (error) {
    log.warn({ err: error }, "not ready");
    return { ok: false, reason: "Redis is not reachable or has the wrong policy" };
  }
}

function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
      resolve(`http://${name}:${address.port}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
