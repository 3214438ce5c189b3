import type Koa from "koa";
import { wantsJson } from "./operator-paths.js";
import { messagePage } from "./views/message.js";

const UNPACKED =
  "The request's body came compressed, which no browser does with a form. Send it as it is.";

/**
 * Refuses bodies with a Content-Encoding (415), as webhooks do. The body parsers would unpack them
 * and, once one is too large, listen to the unpacking no more: what is broken behind that place is
 * an error that nobody takes, which ends the process.
 */
export function refusePackedBodies(): Koa.Middleware {
  return async (ctx, next) => {
    const encoding = ctx.get("Content-Encoding").trim().toLowerCase();
    if (encoding === "" || encoding === "identity") return next();
    ctx.status = 415;
    ctx.body = wantsJson(ctx)
      ? { detail: "Send the body as it is, without Content-Encoding" }
      : await messagePage(null, "Nothing was changed", UNPACKED);
  };
}
