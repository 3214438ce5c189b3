import { createBullBoard } from "@bull-board/api";
import type { BaseAdapter } from "@bull-board/api/baseAdapter";
import { KoaAdapter } from "@bull-board/koa";
import type Koa from "koa";
import type { Logger } from "../telemetry/logger.js";
import { refuseWideQueries } from "./board-query.js";
import { isWrite } from "./cross-site.js";
import { statusForSender } from "./errors.js";

const BOARD_PATH = "/board";
/** Hides the buttons whose writes are refused, and names those that only have a sign. */
const OWN_PARTS = `<link rel="stylesheet" href="/assets/board.css"><script defer src="/assets/board.js"></script>`;

/**
 * The writes the board may make, by its own route, and the state the job must be in. Everything else
 * is refused: removing a job releases its parent, and edited data or options would bypass the graph.
 */
const ALLOWED_WRITES: Readonly<Record<string, "failed" | "delayed" | null>> = {
  "put /api/queues/:queueName/:jobId/retry": "failed",
  "put /api/queues/:queueName/:jobId/promote": "delayed",
  "put /api/queues/:queueName/pause": null,
  "put /api/queues/:queueName/resume": null,
};

/** Bull Board for the given queues, mounted at `/board`; login and headers are the caller's. */
export function board(adapters: readonly BaseAdapter[], log: Logger): Koa.Middleware {
  const server = new KoaAdapter();
  server.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: [...adapters],
    serverAdapter: server,
    options: {
      uiConfig: {
        boardTitle: "Stagecoach",
        miscLinks: [{ text: "Overview", url: "/" }],
        hideDocsLink: true,
        hideRedisDetails: true,
      },
      handlerHooks: {
        before: ({ method, route, request }) => allowed(method, route, request.params, adapters),
      },
    },
  });
  // Its own handler would show the fault's text, which may name the store's address.
  server.setErrorHandler((error) => {
    const status = statusForSender(error);
    if (status !== null)
      return { status: status as 400, body: { error: { key: "ERRORS.BAD_REQUEST" } } };
    log.error({ err: error }, "the board could not answer");
    return { status: 500, body: { error: { key: "ERRORS.INTERNAL_SERVER_ERROR" } } };
  });
  const answer = audited(log, forViewers(withOwnParts(server.registerPlugin())));
  const narrow = refuseWideQueries();
  return (ctx, next) => (isBoardPath(ctx.path) ? narrow(ctx, () => answer(ctx, next)) : next());
}

export function isBoardPath(path: string): boolean {
  return path === BOARD_PATH || path.startsWith(`${BOARD_PATH}/`);
}

type Decision = { readonly allow: false; readonly message: string } | undefined;

async function allowed(
  method: string,
  route: string,
  params: Readonly<Record<string, string>>,
  adapters: readonly BaseAdapter[],
): Promise<Decision> {
  if (method === "get") return undefined;
  const needed = ALLOWED_WRITES[`${method} ${route}`];
  if (needed === undefined) {
    return { allow: false, message: "Not here: this would bypass the work items' graph" };
  }
  if (needed === null) return undefined;
  const queue = adapters.find((adapter) => adapter.getName() === params.queueName);
  const job = await queue?.getJob(params.jobId ?? "");
  // Unknown queues and jobs are the board's to report.
  if (job === undefined || job === null || (await job.getState()) === needed) return undefined;
  return { allow: false, message: `Only a ${needed} job can be taken on` };
}

/** The page asks another host for fonts and carries inline styles; the policy forbids both. */
function withOwnParts(plugin: Koa.Middleware): Koa.Middleware {
  return async (ctx, next) => {
    await plugin(ctx, next);
    if (typeof ctx.body !== "string" || ctx.response.is("html") === false) return;
    ctx.body = ctx.body
      .replace(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/gi, "")
      .replace(/<style>[^<]*<\/style>/gi, "")
      .replace(/(<(?:div|span)) style="[^"]*"/gi, "$1")
      .replace("</head>", `${OWN_PARTS}</head>`);
  };
}

/** The board hides from a viewer what is refused to them: to them every queue is for reading only. */
function forViewers(plugin: Koa.Middleware): Koa.Middleware {
  return async (ctx, next) => {
    await plugin(ctx, next);
    if (ctx.state.operator?.role !== "viewer" || !hasQueues(ctx.body)) return;
    const queues = ctx.body.queues.map((queue) => ({ ...queue, ...READING_ONLY }));
    ctx.body = { ...ctx.body, queues };
  };
}

const READING_ONLY = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };

function hasQueues(body: unknown): body is { readonly queues: readonly object[] } {
  return (
    typeof body === "object" && body !== null && "queues" in body && Array.isArray(body.queues)
  );
}

/** Who did what to the queues. */
function audited(log: Logger, plugin: Koa.Middleware): Koa.Middleware {
  return async (ctx, next) => {
    await plugin(ctx, next);
    if (!isWrite(ctx)) return;
    const { method, path, status } = ctx;
    log.info({ user: ctx.state.operator?.username, method, path, status }, "write in the board");
  };
}
