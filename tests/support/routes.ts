import { appRoutes } from "@bull-board/api/dist/routes.js";
import type Router from "@koa/router";
import type Koa from "koa";

export interface Route {
  readonly method: string;
  /** With its parameters' names: `/items/:id`. */
  readonly path: string;
}

/** Every route of an app's routers, and all that Bull Board has by its own table. */
export function everyRoute(app: Koa): Route[] {
  return [...routesOf(app.middleware), ...boardRoutes()];
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
