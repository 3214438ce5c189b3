import type Koa from "koa";

const OPERATORS = /^\/(?:$|(?:items|graph|events|api|board|login|logout|assets)(?:\/|$))/i;
const JSON_ROUTES = /^\/(?:(?:board\/)?api|events)(?:\/|$)/i;
/** Overview, graph, items and their runs; not the items' commands. */
const LIVE = /^\/(?:graph|items\/[^/]+(?:\/runs\/[^/]+)?)?$/;

/** Does a path belong to the operators' pages? In any case, so that no spelling slips past the login. */
export function isOperatorPath(path: string): boolean {
  return OPERATORS.test(path);
}

/** Is the answer read by a program? Those get JSON, people get a page. */
export function wantsJson(ctx: Koa.Context): boolean {
  return JSON_ROUTES.test(ctx.path);
}

/** Does the page have a script that keeps it current? */
export function isLivePage(path: string): boolean {
  return LIVE.test(path);
}

/** Lets a middleware, with the router it carries, see the operators' paths only; others pass it by. */
export function onOperatorPaths(middleware: Koa.Middleware): Koa.Middleware {
  const guarded: Koa.Middleware = (ctx, next) =>
    isOperatorPath(ctx.path) ? middleware(ctx, next) : next();
  return Object.assign(guarded, middleware);
}

/** Where to go after a login: a path of ours, never another site; `/` for anything else. */
export function safeReturnPath(given: string): string {
  const plain = /^\/(?![/\\])[\w\-./~%?=&]*$/.test(given);
  const path = given.split("?")[0] ?? "";
  return plain && isOperatorPath(path) && !/^\/(?:login|logout|events)/i.test(path) ? given : "/";
}
