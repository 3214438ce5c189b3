import { appRoutes } from "@bull-board/api/dist/routes.js";
import type Router from "@koa/router";
import type Koa from "koa";
import { Registry } from "prom-client";
import { createApp } from "../../src/http/app.js";
import { createOperatorRoutes } from "../../src/http/operators.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { createMetrics } from "../../src/telemetry/metrics.js";
import { sampleDeps } from "./operator-app.js";
import { forgetfulIntake } from "./receiver.js";
import { rocketFleet } from "./rocket-fleet.js";

export interface Route {
  readonly method: string;
  /** With its parameters' names: `/items/:id`. */
  readonly path: string;
}

/** Every route of the receiver's routers, and all that Bull Board has by its own table. */
export function receiverRoutes(): Route[] {
  return [...routesOf(receiverApp().middleware), ...boardRoutes()];
}

/** The route's paths, its parameters filled with what is there: an item, and a job of `runs`. */
export function pathsOf({ path }: Route, item: string, job: string): string[] {
  const commands = path.includes(":command") ? ["approve", "retry", "cancel"] : [""];
  return commands.map((command) =>
    path
      .replace(":command", command)
      .replace(":id", item)
      .replace(":run", `${item}-v1-a1`)
      .replace(":queueName", "runs")
      .replace(":queueStatus", "delayed")
      .replace(":jobId", job)
      .replace(/:\w+/g, "anything"),
  );
}

/** Built by the functions that build the receiver's own. */
function receiverApp(): Koa {
  const registry = new Registry();
  return createApp({
    ingest: {
      intake: forgetfulIntake,
      fleet: rocketFleet(),
      secrets: { gitea: [], plane: [] },
      allowUnsigned: false,
      clock: () => new Date(),
    },
    health: { ready: async () => ({ ok: true }) },
    registry,
    metrics: createMetrics(registry),
    log: silentLogger(),
    extraRoutes: createOperatorRoutes(sampleDeps()),
  });
}

/** What routers among the middleware answer, asked from themselves. */
function routesOf(middleware: readonly (Koa.Middleware & { router?: Router })[]): Route[] {
  return middleware.flatMap(({ router }) =>
    (router?.stack ?? []).flatMap(({ path, methods }) =>
      methods.map((method) => ({ method, path: String(path) })),
    ),
  );
}

function boardRoutes(): Route[] {
  const { entryPoint, api } = appRoutes;
  return [entryPoint, ...api].flatMap(({ method, route }) =>
    [method]
      .flat()
      .flatMap((verb) =>
        [route].flat().map((path) => ({ method: verb.toUpperCase(), path: `/board${path}` })),
      ),
  );
}
