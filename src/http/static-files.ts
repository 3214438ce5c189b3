import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type Koa from "koa";

const FOLDER = "/assets/";
/** Everything the pages load. */
const FILES: Readonly<Record<string, "css" | "js">> = {
  "stagecoach.css": "css",
  "live.js": "js",
  "patch.js": "js",
  "board.css": "css",
  "board.js": "js",
};

interface Asset {
  readonly text: string;
  readonly etag: string;
}

/** The pages' own files; open to anybody, since the login form needs one. Read once, when asked. */
export function staticFiles(): Koa.Middleware {
  const read = new Map<string, Promise<Asset>>();
  return async (ctx, next) => {
    const name = ctx.path.startsWith(FOLDER) ? ctx.path.slice(FOLDER.length) : "";
    const type = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (type === undefined || (ctx.method !== "GET" && ctx.method !== "HEAD")) return next();
    const asset = read.get(name) ?? readAsset(name);
    read.set(name, asset);
    const { text, etag } = await asset;
    ctx.status = 200;
    ctx.set("Cache-Control", "no-cache");
    ctx.etag = etag;
    ctx.type = type;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = text;
  };
}

async function readAsset(name: string): Promise<Asset> {
  const text = await readFile(new URL(`./assets/${name}`, import.meta.url), "utf8");
  return { text, etag: createHash("sha256").update(text).digest("base64url").slice(0, 22) };
}
