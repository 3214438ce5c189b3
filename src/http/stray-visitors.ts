import type Koa from "koa";
import { securityHeaders } from "./security-headers.js";
import { missingPage } from "./views/message.js";

/** A browser that asks for what no route has gets a page that leads on; programs get the JSON of all errors. */
export function strayVisitors(): Koa.Middleware {
  const headers = securityHeaders({ scripts: false });
  return async (ctx, next) => {
    await next();
    const unanswered = ctx.status === 404 && (ctx.body === undefined || ctx.body === null);
    const browsing = ctx.method === "GET" && ctx.get("Accept").includes("text/html");
    if (!unanswered || !browsing) return;
    await headers(ctx, async () => {
      ctx.body = await missingPage(null, "There is no such page.");
      ctx.status = 404;
    });
  };
}
