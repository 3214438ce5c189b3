import type Router from "@koa/router";
import type Koa from "koa";

/**
 * A router as a plain middleware. It fills in `params` and itself; its type wants them from callers.
 * Like the router's own, it carries the router, so that whoever asks the app finds every route.
 */
export function middlewareOf(router: Router): Koa.Middleware {
  const routes = router.routes();
  const answer: Koa.Middleware = (ctx, next) =>
    routes(Object.assign(ctx, { params: {}, router }), next);
  return Object.assign(answer, { router });
}
