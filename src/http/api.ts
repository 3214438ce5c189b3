import Router from "@koa/router";
import type Koa from "koa";
import { z } from "zod";
import { ITEM_ID } from "../domain/ids.js";
import { type ReadRunLogs, readableLog } from "../engine/run-logs.js";
import { explain } from "../engine/why.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import { type FleetFacts, repoOf } from "./fleet-facts.js";
import { historyJson, itemJson, runJson } from "./item-json.js";
import { findRun, type ItemWithWaits, withWaits } from "./item-reading.js";
import { pageCursor, readPageCursor } from "./page-cursor.js";
import { middlewareOf } from "./routing.js";

export interface ApiDeps {
  readonly items: ReadWorkItems;
  readonly runLogs: ReadRunLogs;
  readonly fleet: FleetFacts;
}

const MOST_ITEMS = 1000;

const Page = z.object({
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .pipe(z.number().int().min(1).max(MOST_ITEMS))
    .default(50),
  cursor: z
    .string()
    .transform((text, issues) => {
      const cursor = readPageCursor(text);
      if (cursor === null) issues.addIssue({ code: "custom" });
      return cursor;
    })
    .default(null),
});

const WRONG = {
  limit: `limit must be a whole number from 1 to ${MOST_ITEMS}`,
  cursor: "cursor must be the `next` of an earlier page",
};

/** `/api/items`, an item, its `/why` and its runs' `/log`, read-only: JSON, and text for logs. */
export function apiRoutes({ items, runLogs, fleet }: ApiDeps): Koa.Middleware {
  const router = new Router({ prefix: "/api/items", sensitive: true });
  router.get("/", async (ctx) => {
    const page = Page.safeParse(ctx.query);
    if (!page.success) {
      const field = page.error.issues[0]?.path[0] === "cursor" ? "cursor" : "limit";
      return answer(ctx, 400, { detail: WRONG[field] });
    }
    const { items: found, next } = await items.list(page.data);
    const read = await withWaits(items, found);
    return answer(ctx, 200, {
      items: read.map((each) => json(each, fleet)),
      next: next === null ? null : pageCursor(next),
    });
  });
  router.get("/:id", async (ctx) => {
    const item = await find(items, ctx.params.id);
    if (item === null) return answer(ctx, 404, { detail: "No such work item" });
    const { id } = item;
    const [[read], history, runs] = await Promise.all([
      withWaits(items, [item]),
      items.history(id),
      items.runs(id),
    ]);
    return answer(ctx, 200, {
      ...(read && json(read, fleet)),
      history: history.map(historyJson),
      runs: runs.map(runJson),
    });
  });
  router.get("/:id/why", async (ctx) => {
    const item = await find(items, ctx.params.id);
    const why = item === null ? null : await explain(items, item.id);
    return why === null ? answer(ctx, 404, { detail: "No such work item" }) : answer(ctx, 200, why);
  });
  router.get("/:id/runs/:run/log", async (ctx) => {
    const found = await findRun(items, ctx.params);
    if (found === null) return answer(ctx, 404, { detail: "No such run" });
    ctx.type = "text/plain; charset=utf-8";
    ctx.body = readableLog(await runLogs.read(found.run.id));
  });
  return middlewareOf(router);
}

function answer(ctx: Koa.Context, status: number, body: object): void {
  ctx.status = status;
  ctx.body = body;
}

async function find(items: ReadWorkItems, id: string | undefined) {
  return id !== undefined && ITEM_ID.test(id) ? items.find(id) : null;
}

function json({ item, waitingOn }: ItemWithWaits, fleet: FleetFacts) {
  return itemJson(item, repoOf(fleet, item), waitingOn);
}
