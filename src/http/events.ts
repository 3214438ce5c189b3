import Router from "@koa/router";
import type Koa from "koa";
import { ITEM_ID } from "../domain/ids.js";
import type { ItemChange, ItemChanges } from "../engine/item-changes.js";
import type { ReadRunLogs } from "../engine/run-logs.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { Logger } from "../telemetry/logger.js";
import { type EventStream, eventStream, type StreamTimes } from "./event-stream.js";
import { findRun } from "./item-reading.js";
import { followLog } from "./log-tail.js";
import { middlewareOf } from "./routing.js";

/** A browser holds one for each page that is in sight. */
const MOST_STREAMS = 100;
/** Changes that come together are told together, after so many ms. */
const TOGETHER_MS = 200;
/** More than these at once, and a browser only hears that something changed. */
const MOST_TOLD = 100;
const TIMES: StreamTimes = { beatMs: 15_000, longestMs: 15 * 60_000 };

export interface EventsDeps {
  readonly items: ReadWorkItems;
  readonly runLogs: ReadRunLogs;
  readonly changes: ItemChanges;
  /** Aborted when the process goes: browsers then come again, to whoever is there. */
  readonly leaving: AbortSignal;
  readonly log: Logger;
  readonly mostStreams?: number | undefined;
  readonly streamTimes?: StreamTimes | undefined;
}

/**
 * `GET /events`: server-sent events. `changed` names the items that were written and where they stand;
 * an empty list: some may have been missed, and none is from here on. The first is empty. With `?item=`
 * of that item only, with `&run=&from=` also `log`, what the run prints from that byte on.
 */
export function eventRoutes(deps: EventsDeps): Koa.Middleware {
  const { leaving, mostStreams = MOST_STREAMS } = deps;
  const open = new Set<EventStream>();
  leaving.addEventListener("abort", () => {
    for (const stream of open) stream.end();
  });
  const router = new Router({ sensitive: true });
  router.get("/events", async (ctx) => {
    const wanted = await wantedBy(ctx, deps);
    if (wanted === null) return answer(ctx, 404, "No such item or run");
    if (leaving.aborted || open.size >= mostStreams) {
      ctx.set("Retry-After", "10");
      return answer(ctx, 503, leaving.aborted ? "It is stopping" : "Too many pages are open");
    }
    if (ctx.method === "HEAD") return answer(ctx, 200, "A stream of events");
    const stream = eventStream(deps.streamTimes ?? TIMES);
    open.add(stream);
    stream.onClose(() => open.delete(stream));
    tellChanges(stream, deps.changes, wanted.item);
    if (wanted.run !== null) followLog(stream, deps.runLogs, wanted.run, wanted.from, deps.log);
    begin(ctx, stream);
  });
  return middlewareOf(router);
}

/** Past Koa, which takes a browser that leaves for a fault. */
function begin(ctx: Koa.Context, { body }: EventStream): void {
  ctx.status = 200;
  ctx.type = "text/event-stream";
  ctx.set("X-Accel-Buffering", "no");
  ctx.respond = false;
  ctx.res.once("close", () => body.destroy());
  body.pipe(ctx.res);
}

interface Wanted {
  readonly item: string | null;
  readonly run: string | null;
  readonly from: number;
}

/** Null: it names an item or run that isn't there. A browser that comes again says what it had. */
async function wantedBy(ctx: Koa.Context, { items }: EventsDeps): Promise<Wanted | null> {
  const { item, run, from } = ctx.query;
  if (item === undefined) return { item: null, run: null, from: 0 };
  if (typeof item !== "string" || !ITEM_ID.test(item)) return null;
  if (run === undefined) {
    return (await items.find(item)) === null ? null : { item, run: null, from: 0 };
  }
  const found = typeof run === "string" ? await findRun(items, { id: item, run }) : null;
  if (found === null) return null;
  const had = ctx.get("Last-Event-ID") || from;
  return { item, run: found.run.id, from: /^\d{1,9}$/.test(String(had)) ? Number(had) : 0 };
}

function answer(ctx: Koa.Context, status: number, detail: string): void {
  ctx.status = status;
  ctx.body = { detail };
}

/** Nothing is kept of an item but its latest change, so a browser that reads slowly costs no memory. */
function tellChanges(stream: EventStream, changes: ItemChanges, only: string | null): void {
  const pending = new Map<string, ItemChange>();
  let missed = false;
  let timer: NodeJS.Timeout | null = null;
  const flush = () => {
    timer = null;
    if (pending.size > MOST_TOLD) {
      missed = true;
      pending.clear();
    }
    if (missed && !stream.send("changed", [])) return later();
    missed = false;
    if (pending.size === 0) return;
    if (!stream.send("changed", [...pending.values()])) return later();
    pending.clear();
  };
  const later = () => {
    timer ??= setTimeout(flush, TOGETHER_MS);
  };
  const stop = changes.follow((change) => {
    if (change !== null && only !== null && change.item !== only) return;
    if (change === null) missed = true;
    else if (pending.size <= MOST_TOLD) pending.set(change.item, change);
    later();
  });
  stream.onClose(() => {
    stop();
    if (timer !== null) clearTimeout(timer);
  });
}
