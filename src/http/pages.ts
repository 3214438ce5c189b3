import Router from "@koa/router";
import type Koa from "koa";
import { ITEM_ID } from "../domain/ids.js";
import type { RunRecord } from "../domain/run.js";
import { type ReadRunLogs, readableLog, wholeLines } from "../engine/run-logs.js";
import { explain } from "../engine/why.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { Logger } from "../telemetry/logger.js";
import { dependencyPicture } from "./dependency-picture.js";
import type { FleetFacts } from "./fleet-facts.js";
import { findRun, withWaits } from "./item-reading.js";
import { filterOf, type ItemFilter, readItems } from "./overview-reading.js";
import { pageCursor, readPageCursor } from "./page-cursor.js";
import { createLayOut, type LayOut } from "./picture-layout.js";
import { middlewareOf } from "./routing.js";
import { graphPage } from "./views/graph.js";
import { itemPage } from "./views/item.js";
import { missingPage } from "./views/message.js";
import { overviewPage } from "./views/overview.js";
import { type LogView, runPage } from "./views/run.js";

/** Issues in the overview's picture; the graph has a page of its own. */
const SMALL_PICTURE = 40;
const OPEN: ItemFilter = { project: null, status: "open" };

export interface PagesDeps {
  readonly items: ReadWorkItems;
  readonly runLogs: ReadRunLogs;
  readonly fleet: FleetFacts;
  readonly log: Logger;
  readonly clock: () => Date;
}

/** The overview, the graph, items and their runs: rendered here, whole without a script. */
export function pageRoutes(deps: PagesDeps): Koa.Middleware {
  const router = new Router({ sensitive: true });
  const layOut = createLayOut(deps.log);
  router.get("/", (ctx) => overview(ctx, deps, layOut));
  router.get("/graph", (ctx) => graph(ctx, deps, layOut));
  router.get("/items", (ctx) => ctx.redirect("/"));
  router.get("/items/:id", (ctx) => item(ctx, deps, ctx.params.id ?? ""));
  router.get("/items/:id/runs/:run", (ctx) => run(ctx, deps, ctx.params));
  return middlewareOf(router);
}

async function overview(ctx: Koa.Context, deps: PagesDeps, layOut: LayOut): Promise<void> {
  const { items, fleet, clock } = deps;
  const given = ctx.query.cursor;
  // A link that was cut off leads to the newest, not to an error.
  const cursor = typeof given === "string" ? readPageCursor(given) : null;
  const filter = filterOf(ctx.query, fleet);
  const page = await readItems(items, filter, cursor);
  const found = await withWaits(items, page.items);
  const picture = await dependencyPicture(found, items, SMALL_PICTURE);
  ctx.body = await overviewPage({
    operator: ctx.state.operator,
    fleet,
    items: found,
    picture,
    places: await layOut(picture),
    filter,
    next: page.next === null ? null : pageCursor(page.next),
    newest: cursor === null,
    now: clock(),
  });
}

async function graph(ctx: Koa.Context, { items }: PagesDeps, layOut: LayOut): Promise<void> {
  const open = await readItems(items, OPEN, null);
  const picture = await dependencyPicture(await withWaits(items, open.items), items);
  const places = await layOut(picture);
  ctx.body = await graphPage({
    operator: ctx.state.operator,
    picture,
    cut: open.next !== null,
    places,
    whole: ctx.query.size === "whole",
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
  const latest = runs.at(-1);
  ctx.body = await itemPage({
    operator: ctx.state.operator,
    fleet,
    item: found,
    waitingOn: read?.waitingOn ?? [],
    why,
    history,
    runs,
    log: latest === undefined ? null : await logOf(deps.runLogs, id, latest),
    now: deps.clock(),
  });
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
  const log = await logOf(runLogs, found.item.id, found.run);
  ctx.body = await runPage({ operator, item: found.item, log, now: clock() });
}

/** A run that goes on is followed from its last whole line. */
async function logOf(runLogs: ReadRunLogs, item: string, run: RunRecord): Promise<LogView> {
  const stored = await runLogs.read(run.id);
  const { lines, bytes } = wholeLines(stored);
  return { item, run, text: readableLog(run.ending === null ? lines : stored), bytes };
}
