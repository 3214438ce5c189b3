import Router from "@koa/router";
import type Koa from "koa";
import { ITEM_ID } from "../domain/ids.js";
import type { Operated } from "../domain/operated.js";
import type { WorkItem } from "../domain/work-item.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { Command } from "../intake/commands.js";
import type { Logger } from "../telemetry/logger.js";
import { middlewareOf } from "./routing.js";
import { type CommandName, confirmPage, isCommandName, refusedPage } from "./views/command.js";
import { missingPage } from "./views/message.js";

/** Carries out an operator's command; null: there is no such item. */
export type Operate = (
  item: string,
  command: Command,
  operator: string,
) => Promise<Operated | null>;

export interface ItemCommandsDeps {
  readonly items: Pick<ReadWorkItems, "find">;
  readonly operate: Operate;
  readonly log: Logger;
}

/**
 * `GET /items/:id/<command>` asks whether it is meant, `POST` carries it out: what moves an item takes
 * two steps, and none of them a script. Who may write, and from where, is decided before.
 */
export function itemCommands(deps: ItemCommandsDeps): Koa.Middleware {
  const router = new Router({ sensitive: true });
  router.get("/items/:id/:command", (ctx, next) => confirm(ctx, next, deps));
  router.post("/items/:id/:command", (ctx, next) => carryOut(ctx, next, deps));
  return middlewareOf(router);
}

type Context = Koa.Context & { params: { id?: string; command?: string } };

async function confirm(ctx: Context, next: Koa.Next, { items }: ItemCommandsDeps) {
  const { id = "", command = "" } = ctx.params;
  if (!isCommandName(command)) return next();
  const item = await find(items, id);
  if (item === null) return missing(ctx, id);
  ctx.body = await confirmPage(ctx.state.operator, item, command);
}

async function carryOut(ctx: Context, next: Koa.Next, { items, operate, log }: ItemCommandsDeps) {
  const { id = "", command = "" } = ctx.params;
  if (!isCommandName(command)) return next();
  const item = await find(items, id);
  const { operator } = ctx.state;
  const meant = item === null ? null : meantBy(command, ctx.query.commit);
  const outcome = meant === null ? null : await operate(id, meant, operator.username);
  if (item === null || outcome === null) return missing(ctx, id);
  log.info({ user: operator.username, item: id, command, outcome: outcome.kind }, "command");
  if (outcome.kind === "done") return ctx.redirect(`/items/${id}`);
  ctx.status = 409;
  ctx.body = await refusedPage(operator, item, command, outcome.text);
}

/** What was asked on the page that was confirmed: an approval is of the commit that stood there. */
function meantBy(name: CommandName, commit: unknown): Command {
  const sha = typeof commit === "string" && /^[0-9a-f]{7,64}$/.test(commit) ? commit : null;
  return name === "approve" ? { kind: "approve", sha } : { kind: name };
}

async function find(items: ItemCommandsDeps["items"], id: string): Promise<WorkItem | null> {
  return ITEM_ID.test(id) ? items.find(id) : null;
}

async function missing(ctx: Context, id: string): Promise<void> {
  ctx.status = 404;
  ctx.body = await missingPage(ctx.state.operator, `There is no work item ${id}.`);
}
