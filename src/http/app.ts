import { Router } from "@koa/router";
import type Koa from "koa";
import type { Middleware } from "koa";
import type { Registry } from "prom-client";
import type { Logger } from "../telemetry/logger.js";
import type { Metrics } from "../telemetry/metrics.js";
import { createIngest, type IngestDeps } from "../webhooks/ingest.js";
import { createBodyRoom } from "./body-room.js";
import { answerErrors } from "./errors.js";
import { healthz, metricsPage, type Readiness, readyz } from "./health.js";
import { createDoor, DoorApp } from "./webhook-door.js";
import { answerWebhook, webhook } from "./webhook-routes.js";

/** Bytes; what Gitea sends of the largest issue stays far below. */
export const DEFAULT_BODY_LIMIT = 5 * 1024 * 1024;

export interface AppDeps {
  readonly ingest: IngestDeps;
  readonly health: { ready(): Promise<Readiness> };
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Bytes; default 5 MiB. */
  readonly bodyLimit?: number | undefined;
  /** Login, pages, board: mounted after the receiver's own routes, in this order. */
  readonly extraRoutes?: readonly Middleware[] | undefined;
}

/** The receiver's application, built without listening. */
export function createApp(deps: AppDeps): Koa {
  const webhooks = webhooksOf(deps);
  const app = new DoorApp(createDoor(webhooks, deps.log, SECURITY_HEADERS));
  app.on("error", (err: unknown) => deps.log.error({ err }, "answer failed"));
  app.use(securityHeaders());
  app.use(answerErrors(deps.log));
  const routes = receiverRoutes(deps, webhooks);
  app.use(routes.routes());
  app.use(routes.allowedMethods());
  for (const route of deps.extraRoutes ?? []) app.use(route);
  return app;
}

/** By their paths. */
function webhooksOf(deps: AppDeps) {
  warnOfUnsigned(deps);
  const { log, metrics, bodyLimit = DEFAULT_BODY_LIMIT } = deps;
  const bodyRoom = createBodyRoom();
  const webhooks = { ingest: createIngest(deps.ingest), metrics, log, bodyLimit, bodyRoom };
  return {
    "/webhook/gitea": answerWebhook("gitea", webhooks),
    "/webhook/plane": answerWebhook("plane", webhooks),
  };
}

function receiverRoutes(deps: AppDeps, webhooks: ReturnType<typeof webhooksOf>): Router {
  return new Router()
    .post("/webhook/gitea", webhook(webhooks["/webhook/gitea"]))
    .post("/webhook/plane", webhook(webhooks["/webhook/plane"]))
    .get("/healthz", healthz())
    .get("/readyz", readyz(deps.health.ready))
    .get("/metrics", metricsPage(deps.registry));
}

function warnOfUnsigned({ ingest, log }: AppDeps): void {
  if (!ingest.allowUnsigned) return;
  for (const [source, secrets] of Object.entries(ingest.secrets)) {
    if (secrets.some((secret) => secret !== "")) continue;
    log.warn(
      { source },
      "UNSIGNED WEBHOOKS ARE BELIEVED: whoever reaches this port can start agents",
    );
  }
}

const SECURITY_HEADERS = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
};

/** The strictest defaults; pages that need more say so themselves. */
function securityHeaders(): Middleware {
  return async (ctx, next) => {
    ctx.set(SECURITY_HEADERS);
    await next();
  };
}
