import type Router from "@koa/router";
import type Koa from "koa";

/** A router as a plain middleware. It fills in `params` and itself; its type wants them from callers. */
export function middlewareOf(router: Router): Koa.Middleware {
  const routes = router.routes();
  return (ctx, next) => routes(Object.assign(ctx, { params: {}, router }), next);
}
