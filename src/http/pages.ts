import Router from "@koa/router";
import type Koa from "koa";
import { ITEM_ID } from "../domain/ids.js";
import { type ReadRunLogs, readableLog } from "../engine/run-logs.js";
import { explain } from "../engine/why.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { FleetFacts } from "./fleet-facts.js";
import { findRun, withWaits } from "./item-reading.js";
import { pageCursor, readPageCursor } from "./page-cursor.js";
import { middlewareOf } from "./routing.js";
import { itemPage, missingPage } from "./views/item.js";
import { overviewPage } from "./views/overview.js";
import { runPage } from "./views/run.js";

/** More than a screen holds, and few enough to render at once. */
const ITEMS_A_PAGE = 200;

export interface PagesDeps {
  readonly items: ReadWorkItems;
  readonly runLogs: ReadRunLogs;
  readonly fleet: FleetFacts;
  readonly clock: () => Date;
}

/** The overview, items and their runs: rendered here, without a script in the browser. */
export function pageRoutes(deps: PagesDeps): Koa.Middleware {
  const router = new Router({ sensitive: true });
  router.get("/", (ctx) => overview(ctx, deps));
  router.get("/items", (ctx) => ctx.redirect("/"));
  router.get("/items/:id", (ctx) => item(ctx, deps, ctx.params.id ?? ""));
  router.get("/items/:id/runs/:run", (ctx) => run(ctx, deps, ctx.params));
  return middlewareOf(router);
}

async function overview(ctx: Koa.Context, { items, fleet, clock }: PagesDeps): Promise<void> {
  const given = ctx.query.cursor;
  // A link that was cut off leads to the newest, not to an error.
  const cursor = typeof given === "string" ? readPageCursor(given) : null;
  const { items: found, next } = await items.list({ limit: ITEMS_A_PAGE, cursor });
  ctx.body = await overviewPage({
    operator: ctx.state.operator,
    fleet,
    items: await withWaits(items, found),
    next: next === null ? null : pageCursor(next),
    newest: cursor === null,
    now: clock(),
  });
}

async function item(ctx: Koa.Context, deps: PagesDeps, id: string): Promise<void> {
  const { items, fleet } = deps;
  const found = ITEM_ID.test(id) ? await items.find(id) : null;
  if (found === null) {
    ctx.status = 404;
    ctx.body = await missingPage(ctx.state.operator, `There is no work item ${id}.`);
    return;
  }
  const [[read], why, history, runs] = await Promise.all([
    withWaits(items, [found]),
    explain(items, id),
    items.history(id),
    items.runs(id),
  ]);
  const waitingOn = read?.waitingOn ?? [];
  const { operator } = ctx.state;
  const now = deps.clock();
  ctx.body = await itemPage({ operator, fleet, item: found, waitingOn, why, history, runs, now });
}

async function run(
  ctx: Koa.Context,
  { items, runLogs, clock }: PagesDeps,
  params: { id?: string; run?: string },
): Promise<void> {
  const { operator } = ctx.state;
  const found = await findRun(items, params);
  if (found === null) {
    ctx.status = 404;
    ctx.body = await missingPage(operator, `There is no run ${params.run}.`);
    return;
  }
  const log = readableLog(await runLogs.read(found.run.id));
  ctx.body = await runPage({ operator, ...found, log, now: clock() });
}
