import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import type Koa from "koa";
import { z } from "zod";
import type { Logger } from "../telemetry/logger.js";
import type { Identify, Operator } from "./credentials.js";
import type { LoginThrottle } from "./login-throttle.js";
import { safeReturnPath } from "./operator-paths.js";
import { middlewareOf } from "./routing.js";
import type { Sessions } from "./session.js";
import { loginPage } from "./views/login.js";

export const SESSION_COOKIE = "stagecoach_session";

export interface LoginDeps {
  readonly identify: Identify;
  readonly sessions: Sessions;
  readonly throttle: LoginThrottle;
  readonly log: Logger;
}

const Form = z.object({
  username: z.string().max(200),
  password: z.string().max(1000),
  next: z.string().max(500).default("/"),
});

/**
 * `GET /login` shows the form, with `?token=` it follows a login link; `POST /login` takes the form,
 * `POST /logout` ends the session. The routes are open to anybody.
 */
export function loginRoutes(deps: LoginDeps): Koa.Middleware {
  const router = new Router({ sensitive: true });
  router.get("/login", (ctx) => showOrFollowLink(ctx, deps));
  router.post("/login", form(), (ctx) => takeForm(ctx, deps));
  router.post("/logout", (ctx) => {
    ctx.cookies.set(SESSION_COOKIE, null, cookieOptions(ctx));
    ctx.status = 303;
    ctx.redirect("/login");
  });
  return middlewareOf(router);
}

async function showOrFollowLink(ctx: Koa.Context, deps: LoginDeps): Promise<void> {
  ctx.set("Cache-Control", "no-store");
  const { token } = ctx.query;
  if (token === undefined) {
    ctx.body = await loginPage({ next: "/" });
    return;
  }
  const operator = typeof token === "string" ? deps.identify.byLoginToken(token) : null;
  if (operator !== null) return open(ctx, deps, operator, "/");
  ctx.status = 401;
  ctx.body = await loginPage({
    next: "/",
    problem: "This login link is no longer valid. The newest one is in the output of the receiver.",
  });
}

async function takeForm(ctx: Koa.Context, deps: LoginDeps): Promise<void> {
  ctx.set("Cache-Control", "no-store");
  const form = Form.safeParse(ctx.request.body ?? {});
  if (!form.success) {
    ctx.status = 400;
    ctx.body = await loginPage({ next: "/", problem: "Please fill in both fields." });
    return;
  }
  const next = safeReturnPath(form.data.next);
  const waitMs = deps.throttle.waitMs(ctx.ip);
  if (waitMs > 0) return refuse(ctx, 429, next, slowDown(ctx, waitMs));
  const operator = deps.identify.byPassword(form.data);
  if (operator !== null) {
    deps.throttle.succeeded(ctx.ip);
    return open(ctx, deps, operator, next);
  }
  deps.throttle.failed(ctx.ip);
  deps.log.warn({ address: ctx.ip }, "login refused");
  return refuse(ctx, 401, next, "Wrong name or password.");
}

async function open(ctx: Koa.Context, deps: LoginDeps, operator: Operator, next: string) {
  const { token, expires } = await deps.sessions.issue(operator);
  ctx.cookies.set(SESSION_COOKIE, token, { ...cookieOptions(ctx), expires });
  deps.log.info({ user: operator.username, role: operator.role, address: ctx.ip }, "logged in");
  ctx.status = 303;
  ctx.redirect(next);
}

async function refuse(ctx: Koa.Context, status: number, next: string, problem: string) {
  ctx.status = status;
  ctx.body = await loginPage({ next, problem });
}

/** Sets `Retry-After` and says the same in words. */
export function slowDown(ctx: Koa.Context, waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000);
  ctx.set("Retry-After", String(seconds));
  return `Too many failed logins from your address. Try again in ${seconds} s.`;
}

/** Lax, so that a link in a tracker's comment finds its reader logged in; writes check their origin. */
function cookieOptions(ctx: Koa.Context) {
  return {
    httpOnly: true,
    sameSite: "lax",
    secure: ctx.secure,
    path: "/",
    signed: false,
    overwrite: true,
  } as const;
}

function form(): Koa.Middleware {
  return bodyParser({ enableTypes: ["form"], formLimit: "8kb" });
}
