import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { answerErrors } from "../../src/http/errors.js";
import { createOperatorRoutes, type OperatorDeps } from "../../src/http/operators.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { memoryWorkItems } from "./memory-work-items.js";

export const ADMIN = { username: "ada", password: "correct horse" };
export const VIEWER = { username: "vic", password: "only looking" };
export const LOGIN_TOKEN = "t0ken-of-the-login-link";

export interface OperatorApp {
  readonly url: string;
  /** Never follows redirects. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** The operators' routes in a Koa app of their own, on a free loopback port. */
export async function operatorApp(
  given: Partial<OperatorDeps> = {},
  options: { proxy?: boolean } = {},
): Promise<OperatorApp> {
  const app = new Koa({ proxy: options.proxy ?? false });
  // No connection outlives its answer, so closing needs neither force nor a wait.
  app.use((ctx, next) => {
    ctx.set("Connection", "close");
    return next();
  });
  app.use(answerErrors(silentLogger()));
  for (const middleware of createOperatorRoutes({ ...sampleDeps(), ...given })) app.use(middleware);
  app.use((ctx) => {
    ctx.body = `elsewhere: ${ctx.path}`;
  });
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    fetch: (path, init = {}) => fetch(url + path, { redirect: "manual", ...init }),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
      }),
  };
}

export function sampleDeps(): OperatorDeps {
  return {
    items: memoryWorkItems([]),
    operate: async () => null,
    runLogs: { read: async () => "", readFrom: async () => "" },
    changes: { follow: () => () => {} },
    leaving: new AbortController().signal,
    board: [],
    credentials: { admin: ADMIN, viewer: VIEWER },
    loginToken: LOGIN_TOKEN,
    fleet: {
      bot: "devbot",
      projects: [{ name: "rocket", repo: "acme/rocket" }],
      limits: { developerRuns: 3 },
    },
    log: silentLogger(),
    clock: () => new Date(),
  };
}

export function basic(user: { username: string; password: string }): { Authorization: string } {
  const encoded = Buffer.from(`${user.username}:${user.password}`).toString("base64");
  return { Authorization: `Basic ${encoded}` };
}

/** What a form in one of our own pages sends. */
export function form(fields: Record<string, string>, headers: Record<string, string> = {}) {
  return { method: "POST", body: new URLSearchParams(fields), headers } satisfies RequestInit;
}

/** The `name=value` of a cookie that an answer sets, as a request header. */
export function cookieOf(response: Response): { Cookie: string } {
  const [cookie = ""] = response.headers.getSetCookie();
  return { Cookie: cookie.split(";")[0] ?? "" };
}
