import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type Koa from "koa";
import { STYLESHEET } from "./views/layout.js";

interface Asset {
  readonly text: string;
  readonly etag: string;
}

/** The pages' one stylesheet; open to anybody, since the login form needs it. Read once, when asked. */
export function stylesheet(): Koa.Middleware {
  let asset: Promise<Asset> | null = null;
  return async (ctx, next) => {
    if (ctx.path !== STYLESHEET || (ctx.method !== "GET" && ctx.method !== "HEAD")) return next();
    asset ??= read();
    const { text, etag } = await asset;
    ctx.status = 200;
    ctx.set("Cache-Control", "no-cache");
    ctx.etag = etag;
    ctx.type = "css";
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = text;
  };
}

async function read(): Promise<Asset> {
  const text = await readFile(new URL("./assets/stagecoach.css", import.meta.url), "utf8");
  return { text, etag: createHash("sha256").update(text).digest("base64url").slice(0, 22) };
}
