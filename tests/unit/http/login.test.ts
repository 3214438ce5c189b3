import { afterEach, describe, expect, it } from "vitest";
import type { OperatorDeps } from "../../../src/http/operators.js";
import {
  ADMIN,
  basic,
  cookieOf,
  form,
  LOGIN_TOKEN,
  type OperatorApp,
  operatorApp,
  VIEWER,
} from "../../support/operator-app.js";

let app: OperatorApp;
afterEach(() => app.close());

async function open(given: Partial<OperatorDeps> = {}, options: { proxy?: boolean } = {}) {
  app = await operatorApp(given, options);
  return app;
}
const logIn = (user: { username: string; password: string }, more: Record<string, string> = {}) =>
  app.fetch("/login", form({ ...user, ...more }));

describe("without a session", () => {
  it.each([
    "/",
    "/graph",
    "/items/ET-001",
    "/items/ET-001/cancel",
    "/items/nothing/here",
    "/board",
    "/board/static/js/x.js",
  ])("the page %s answers 401 with a login form", async (path) => {
    await open();
    const response = await app.fetch(path);
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain('<form method="post" action="/login">');
  });

  it.each([
    "/api/items",
    "/api/items/ET-001",
    "/api/items/ET-001/why",
    "/events",
    "/events?item=ET-001&run=ET-001-v3-a1",
    "/board/api/queues",
    "/api",
  ])("the JSON route %s answers 401 with a detail", async (path) => {
    await open();
    const response = await app.fetch(path);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ detail: expect.stringContaining("Login required") });
  });

  it("no other spelling of a path gets past the login", async () => {
    await open();
    for (const path of [
      "/API/items",
      "/Graph",
      "/EVENTS",
      "/events/",
      "/Board/api/queues",
      "/ITEMS/ET-001",
      "/api//items",
      "/board//",
    ]) {
      expect((await app.fetch(path)).status, path).toBe(401);
    }
  });

  it("tells command-line clients of Basic, but no browser, which would open a dialog", async () => {
    await open();
    const challenge = async (agent: string) =>
      (await app.fetch("/api/items", { headers: { "User-Agent": agent } })).headers.get(
        "www-authenticate",
      );
    expect(await challenge("curl/8.5.0")).toContain("Basic");
    expect(await challenge("Mozilla/5.0 (X11; Linux x86_64)")).toBeNull();
  });

  it("paths of others pass by, with neither login nor headers", async () => {
    await open();
    const response = await app.fetch("/webhook/gitea", {
      method: "POST",
      headers: { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" },
    });
    expect(await response.text()).toBe("elsewhere: /webhook/gitea");
    expect(response.headers.get("content-security-policy")).toBeNull();
  });
});

describe("logging in", () => {
  it("by the form sets a session cookie and goes on to where one wanted to be", async () => {
    await open();
    const response = await logIn(ADMIN, { next: "/items/ET-001" });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/items/ET-001");
    expect((await app.fetch("/api/items", { headers: cookieOf(response) })).status).toBe(200);
  });

  it("never leads to another site", async () => {
    await open();
    const response = await logIn(ADMIN, { next: "//evil.example/" });
    expect(response.headers.get("location")).toBe("/");
  });

  it("by the link leads to the overview; a wrong token shows the form", async () => {
    await open();
    const response = await app.fetch(`/login?token=${LOGIN_TOKEN}`);
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/");
    expect((await app.fetch("/", { headers: cookieOf(response) })).status).toBe(200);
    for (const wrong of [
      "/login?token=wrong",
      "/login?token=",
      `/login?token=${LOGIN_TOKEN}&token=x`,
    ]) {
      const refused = await app.fetch(wrong);
      expect(refused.status).toBe(401);
      expect(refused.headers.getSetCookie()).toEqual([]);
    }
  });

  it("by a link is impossible where there is none", async () => {
    await open({ loginToken: null });
    expect((await app.fetch("/login?token=null")).status).toBe(401);
  });

  it("by Basic works on every route and leaves no cookie", async () => {
    await open();
    for (const path of ["/", "/api/items", "/board/api/queues"]) {
      const response = await app.fetch(path, { headers: basic(VIEWER) });
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
    expect((await app.fetch("/", { headers: basic({ ...ADMIN, password: "x" }) })).status).toBe(
      401,
    );
  });

  it("with a wrong password answers 401, and 400 to what isn't the form", async () => {
    await open();
    const refused = await logIn({ ...ADMIN, password: "wrong" });
    expect(refused.status).toBe(401);
    expect(refused.headers.getSetCookie()).toEqual([]);
    expect(await refused.text()).toContain("Wrong name or password");
    expect((await app.fetch("/login", form({ username: "ada" }))).status).toBe(400);
    expect((await app.fetch("/login", { method: "POST" })).status).toBe(400);
  });

  it("ends with the logout", async () => {
    await open();
    const session = cookieOf(await logIn(ADMIN));
    const response = await app.fetch("/logout", { method: "POST", headers: session });
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()[0]).toMatch(/^stagecoach_session=; .*1970/);
  });
});

describe("the session cookie", () => {
  it("is for http only, lax and of this host; secure only where the request is", async () => {
    await open({}, { proxy: true });
    const attributes = async (headers: Record<string, string>) =>
      (await app.fetch("/login", form({ ...ADMIN }, headers))).headers.getSetCookie()[0] ?? "";
    const plain = await attributes({});
    expect(plain).toMatch(/; path=\/; expires=.*; samesite=lax; httponly$/i);
    expect(await attributes({ "X-Forwarded-Proto": "https" })).toMatch(/; secure/i);
  });

  it("doesn't believe a forwarded protocol without a trusted proxy", async () => {
    await open();
    const response = await app.fetch("/login", form(ADMIN, { "X-Forwarded-Proto": "https" }));
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()[0]).not.toMatch(/secure/i);
  });

  it("is worth nothing when tampered with", async () => {
    await open();
    const { Cookie } = cookieOf(await logIn(VIEWER));
    const headers = { Cookie: Cookie.replace("viewer", "admin") };
    expect((await app.fetch("/api/items", { headers })).status).toBe(401);
  });
});

describe("guessing passwords", () => {
  it("is slowed for the form and for Basic, but a session and the link still work", async () => {
    const now = new Date("2026-03-01T09:00:00Z");
    await open({ clock: () => now });
    const session = cookieOf(await logIn(ADMIN));
    for (let i = 0; i < 6; i++) await logIn({ ...ADMIN, password: `guess ${i}` });

    const form = await logIn(ADMIN);
    expect(form.status).toBe(429);
    expect(form.headers.get("retry-after")).toBe("1");
    const api = await app.fetch("/api/items", { headers: basic(ADMIN) });
    expect(api.status).toBe(429);
    expect(await api.json()).toEqual({ detail: expect.stringContaining("Too many") });

    expect((await app.fetch("/api/items", { headers: session })).status).toBe(200);
    expect((await app.fetch(`/login?token=${LOGIN_TOKEN}`)).status).toBe(303);
  });
});

describe("writes", () => {
  const crossSite: Record<string, string>[] = [
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Origin: "https://evil.example" },
    { Origin: "null" },
  ];

  it.each(crossSite)("from another site are refused: %j", async (headers) => {
    await open();
    const session = cookieOf(await logIn(ADMIN));
    for (const path of [
      "/board/api/queues/runs/pause",
      "/api/items",
      "/graph",
      "/events",
      "/items/ET-001/cancel",
      "/logout",
      "/login",
    ]) {
      const response = await app.fetch(path, {
        method: "POST",
        headers: { ...session, ...headers },
      });
      expect(response.status, path).toBe(403);
      expect(response.headers.getSetCookie()).toEqual([]);
    }
  });

  it("from our own pages and from command lines are not", async () => {
    await open({ baseUrl: "https://stagecoach.acme.dev" });
    const own: Record<string, string>[] = [
      {},
      { "Sec-Fetch-Site": "same-origin" },
      { Origin: app.url },
      { Origin: "https://stagecoach.acme.dev" },
    ];
    for (const headers of own) {
      expect((await app.fetch("/login", form(ADMIN, headers))).status).toBe(303);
    }
  });

  it("by a viewer are refused, whatever the route", async () => {
    await open();
    for (const path of [
      "/",
      "/graph",
      "/events",
      "/items/ET-001",
      "/items/ET-001/cancel",
      "/api/items",
      "/board/api/queues/runs/pause",
    ]) {
      for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
        const response = await app.fetch(path, { method, headers: basic(VIEWER) });
        expect(response.status, `${method} ${path}`).toBe(403);
      }
    }
  });
});

describe("the headers of every answer", () => {
  it("allow nothing from elsewhere, no inline script or style, no frame, no cache", async () => {
    await open();
    for (const path of ["/", "/graph", "/login", "/api/items", "/board"]) {
      const { headers } = await app.fetch(path, { headers: basic(ADMIN) });
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });
});
