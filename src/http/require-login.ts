import type Koa from "koa";
import { type Operator, readBasic } from "./credentials.js";
import { isWrite } from "./cross-site.js";
import { type LoginDeps, SESSION_COOKIE, slowDown } from "./login.js";
import { safeReturnPath, wantsJson } from "./operator-paths.js";
import { loginPage } from "./views/login.js";
import { messagePage } from "./views/message.js";

const LOOKING_ONLY =
  "You are logged in to look only. Log out, and in again as the user who may give commands.";

/** Set for whoever passed `requireLogin`. */
export interface OperatorState {
  operator: Operator;
}

/**
 * Lets in who has a session or sends Basic credentials; answers 401 (429 while an address is slowed)
 * to others, and 403 to a viewer's writes.
 */
export function requireLogin(deps: LoginDeps): Koa.Middleware {
  return async (ctx, next) => {
    ctx.set("Cache-Control", "no-store");
    const known = await operatorBySession(ctx, deps);
    const waitMs = known === null && ctx.get("Authorization") ? deps.throttle.waitMs(ctx.ip) : 0;
    if (waitMs > 0) return refuse(ctx, 429, slowDown(ctx, waitMs));
    const operator = known ?? operatorByPassword(ctx, deps);
    if (operator === null) return refuse(ctx, 401, null);
    if (isWrite(ctx) && operator.role !== "admin") {
      ctx.status = 403;
      ctx.body = wantsJson(ctx)
        ? { detail: "A viewer changes nothing: log in as the admin" }
        : await messagePage(operator, "Nothing was changed", LOOKING_ONLY);
      return;
    }
    ctx.state.operator = operator;
    return next();
  };
}

async function operatorBySession(ctx: Koa.Context, deps: LoginDeps): Promise<Operator | null> {
  const token = ctx.cookies.get(SESSION_COOKIE, { signed: false });
  return token === undefined ? null : deps.sessions.read(token);
}

function operatorByPassword(ctx: Koa.Context, deps: LoginDeps): Operator | null {
  const given = readBasic(ctx.get("Authorization"));
  if (given === null) return null;
  const operator = deps.identify.byPassword(given);
  if (operator === null) {
    deps.throttle.failed(ctx.ip);
    deps.log.warn({ address: ctx.ip }, "login refused");
  } else {
    deps.throttle.succeeded(ctx.ip);
  }
  return operator;
}

async function refuse(ctx: Koa.Context, status: number, problem: string | null): Promise<void> {
  ctx.status = status;
  if (status === 401) challenge(ctx);
  if (wantsJson(ctx)) {
    ctx.body = { detail: problem ?? "Login required: send a session cookie or Basic credentials" };
    return;
  }
  const next = isWrite(ctx) ? "/" : safeReturnPath(ctx.path);
  ctx.body = await loginPage(problem === null ? { next } : { next, problem });
}

/**
 * Command-line clients are told that Basic works. A browser (every one calls itself Mozilla) would
 * cover the login form, or the board, with a dialog of its own.
 */
function challenge(ctx: Koa.Context): void {
  if (!ctx.get("User-Agent").includes("Mozilla/")) {
    ctx.set("WWW-Authenticate", 'Basic realm="stagecoach", charset="UTF-8"');
  }
}
