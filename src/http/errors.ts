import Koa, { type Middleware } from "koa";
import type { Logger } from "../telemetry/logger.js";

/**
 * Turns what routes throw, and what no route answered, into JSON. Only errors meant for the outside
 * show their text; others are logged and say nothing of the inside.
 */
export function answerErrors(log: Logger): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (err) {
      const status = statusForSender(err);
      if (status !== null) {
        // Body parsers stop reading what is too large, and with it all that its connection brings.
        ctx.req.resume();
        ctx.status = status;
        ctx.body = { detail: err instanceof Koa.HttpError ? err.message : "Malformed request" };
        return;
      }
      log.error({ err, path: ctx.path }, "request failed");
      ctx.status = 500;
      ctx.body = { detail: "Internal error" };
      return;
    }
    if (ctx.body !== undefined && ctx.body !== null) return;
    const detail = { 404: "Not found", 405: "Method not allowed", 501: "Method not allowed" };
    const { status } = ctx;
    if (status === 404 || status === 405 || status === 501) {
      ctx.body = { detail: detail[status] };
      ctx.status = status;
    }
  };
}

/**
 * The 4xx of what a sender did wrong; null: the fault is ours. Libraries bring http-errors of their
 * own, so the shape counts and not the class.
 */
export function statusForSender(err: unknown): number | null {
  if (!(err instanceof Error)) return null;
  if (err instanceof URIError) return 400;
  const status = "status" in err ? err.status : null;
  return typeof status === "number" && status >= 400 && status < 500 ? status : null;
}
