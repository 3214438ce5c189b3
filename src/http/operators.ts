import type { BaseAdapter } from "@bull-board/api/baseAdapter";
import type Koa from "koa";
import type { ItemChanges } from "../engine/item-changes.js";
import type { ReadRunLogs } from "../engine/run-logs.js";
import type { ReadWorkItems } from "../engine/work-items.js";
import type { Logger } from "../telemetry/logger.js";
import { apiRoutes } from "./api.js";
import { board, isBoardPath } from "./board.js";
import { type Credentials, createIdentify } from "./credentials.js";
import { refuseCrossSiteWrites } from "./cross-site.js";
import { statusForSender } from "./errors.js";
import type { StreamTimes } from "./event-stream.js";
import { eventRoutes } from "./events.js";
import type { FleetFacts } from "./fleet-facts.js";
import { itemCommands, type Operate } from "./item-commands.js";
import { type LoginDeps, loginRoutes } from "./login.js";
import { createLoginThrottle } from "./login-throttle.js";
import { isLivePage, onOperatorPaths, wantsJson } from "./operator-paths.js";
import { refusePackedBodies } from "./packed-bodies.js";
import { pageRoutes } from "./pages.js";
import { requireLogin } from "./require-login.js";
import { securityHeaders } from "./security-headers.js";
import { createSessions } from "./session.js";
import { staticFiles } from "./static-files.js";
import { messagePage, missingPage } from "./views/message.js";

export interface OperatorDeps {
  readonly items: ReadWorkItems;
  readonly runLogs: ReadRunLogs;
  readonly changes: ItemChanges;
  readonly operate: Operate;
  /** One for each queue. */
  readonly board: readonly BaseAdapter[];
  readonly credentials: Credentials;
  /** What `GET /login?token=` accepts; at least 128 random bits. Null: no login link. */
  readonly loginToken: string | null;
  readonly fleet: FleetFacts;
  /** Where browsers reach the receiver, if a proxy rewrites the host. */
  readonly baseUrl?: string | undefined;
  /** Aborted when the process goes, so that no open page holds it up. */
  readonly leaving: AbortSignal;
  /** How many pages may be live at once, and for how long; each has a default. */
  readonly mostStreams?: number | undefined;
  readonly streamTimes?: StreamTimes | undefined;
  readonly log: Logger;
  readonly clock: () => Date;
}

/**
 * All that people see: login, overview, item page, JSON and Bull Board, in the order to be used in.
 * Paths that aren't the operators' pass by untouched, webhooks among them.
 *
 * @throws RangeError if a password or the login token is empty.
 */
export function createOperatorRoutes(deps: OperatorDeps): Koa.Middleware[] {
  const login: LoginDeps = {
    identify: createIdentify(deps.credentials, deps.loginToken),
    sessions: createSessions(deps.credentials, deps.clock),
    throttle: createLoginThrottle(deps.clock),
    log: deps.log,
  };
  return [
    headers(),
    faultPages(deps.log),
    refuseCrossSiteWrites(deps.baseUrl),
    refusePackedBodies(),
    staticFiles(),
    loginRoutes(login),
    requireLogin(login),
    board(deps.board, deps.log),
    apiRoutes(deps),
    eventRoutes(deps),
    pageRoutes(deps),
    itemCommands(deps),
    notFound,
  ].map(onOperatorPaths);
}

const FAULT =
  "The page could not be made, and nothing was changed by asking for it. The receiver's log says why; stagecoach doctor looks at what it needs, Redis first.";

/** Bull Board's page is made of scripts, live pages have one of their own; others have none. */
function headers(): Koa.Middleware {
  const plain = securityHeaders({ scripts: false });
  const scripted = securityHeaders({ scripts: true });
  return (ctx, next) =>
    (isBoardPath(ctx.path) || isLivePage(ctx.path) ? scripted : plain)(ctx, next);
}

/** A person sees a page, not JSON; what went wrong is in the log alone. */
function faultPages(log: Logger): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (err) {
      if (wantsJson(ctx) || statusForSender(err) !== null) throw err;
      log.error({ err, path: ctx.path }, "request failed");
      ctx.status = 500;
      ctx.body = await messagePage(ctx.state.operator ?? null, "This went wrong here", FAULT);
    }
  };
}

async function notFound(ctx: Koa.Context): Promise<void> {
  ctx.status = 404;
  ctx.body = wantsJson(ctx)
    ? { detail: "No such route" }
    : await missingPage(ctx.state.operator, "There is no such page.");
}
