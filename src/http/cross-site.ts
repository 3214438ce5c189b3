import type Koa from "koa";
import { wantsJson } from "./operator-paths.js";
import { messagePage } from "./views/message.js";

const FROM_ELSEWHERE =
  "The request came from another site, and those may not change anything here. Go there yourself and try again.";
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

export function isWrite(ctx: Koa.Context): boolean {
  return !READS.has(ctx.method);
}

/**
 * Refuses writes that another site makes a browser send (403), whatever cookie or cached Basic
 * credentials come along. Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in
 * `Origin`; without either it isn't a browser. `same-site` is refused too: other ports and
 * subdomains of this host are other people's.
 */
export function refuseCrossSiteWrites(baseUrl: string | undefined): Koa.Middleware {
  const own = baseUrl === undefined ? null : new URL(baseUrl).host;
  return async (ctx, next) => {
    if (!isWrite(ctx) || isOwn(ctx, own)) return next();
    ctx.status = 403;
    ctx.body = wantsJson(ctx)
      ? { detail: "Writes from another site are refused" }
      : await messagePage(null, "Nothing was changed", FROM_ELSEWHERE);
  };
}

function isOwn(ctx: Koa.Context, own: string | null): boolean {
  const site = ctx.get("Sec-Fetch-Site");
  if (site !== "") return site === "same-origin" || site === "none";
  const origin = ctx.get("Origin");
  if (origin === "") return true;
  const host = URL.canParse(origin) ? new URL(origin).host : "";
  return host !== "" && (host === ctx.host || host === own);
}
