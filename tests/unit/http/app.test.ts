import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { strayVisitors } from "../../../src/http/stray-visitors.js";
import type { DeliveryIntake } from "../../../src/webhooks/ports.js";
import { startReceiver, type TestReceiver } from "../../support/receiver.js";

/** These routes touch no delivery: reaching the intake is a fault. */
const intake: DeliveryIntake = { take: () => Promise.reject(new Error("unexpected")) };

let receiver: TestReceiver | undefined;
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
});

async function get(path: string, app: object = {}, init: RequestInit = {}) {
  receiver = await startReceiver({ intake, app });
  const response = await fetch(`${receiver.origin}${path}`, init);
  return { response, text: await response.text() };
}

describe("the receiver's application", () => {
  it("says that it lives", async () => {
    const { response, text } = await get("/healthz");
    expect([response.status, JSON.parse(text)]).toEqual([200, { status: "ok" }]);
  });

  it("is ready when the store is", async () => {
    expect((await get("/readyz")).response.status).toBe(200);
    await receiver?.close();
    const ready = async () => ({ ok: false, reason: "maxmemory-policy is allkeys-lru" });
    const { response, text } = await get("/readyz", { health: { ready } });
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toEqual({
      status: "unready",
      reason: "maxmemory-policy is allkeys-lru",
    });
  });

  it("isn't ready when the store doesn't answer", async () => {
    const { response } = await get("/readyz", { health: { ready: () => new Promise(() => {}) } });
    expect(response.status).toBe(503);
  });

  it("counts deliveries by tracker and outcome", async () => {
    receiver = await startReceiver({ intake });
    await fetch(`${receiver.origin}/webhook/plane`, { method: "POST", body: "{}" });
    const response = await fetch(`${receiver.origin}/metrics`);
    expect(response.headers.get("content-type")).toBe(new Registry().contentType);
    expect(await response.text()).toContain(
      'stagecoach_deliveries_total{source="plane",outcome="unsigned"} 1',
    );
  });

  it("answers 404 and 405 as JSON, with strict headers", async () => {
    const { response, text } = await get("/nowhere");
    expect([response.status, JSON.parse(text)]).toEqual([404, { detail: "Not found" }]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    await receiver?.close();
    const wrong = await get("/webhook/gitea");
    expect(wrong.response.status).toBe(405);
    expect(wrong.response.headers.get("allow")).toBe("POST");
  });

  it("answers a browser's 404 by a page that leads to the overview", async () => {
    const app = { extraRoutes: [strayVisitors()] };
    const headers = { Accept: "text/html,*/*;q=0.8" };
    const { response, text } = await get("/overview", app, { headers });
    expect(response.status).toBe(404);
    expect(text).toContain('<a href="/">Back to the overview</a>');
    expect(response.headers.get("content-security-policy")).toContain("style-src 'self'");
    await receiver?.close();
    const program = await get("/overview", app);
    expect(JSON.parse(program.text)).toEqual({ detail: "Not found" });
  });

  it("shows nothing of an inner error", async () => {
    const broken = () => {
      throw new Error("secret at /srv/app/file.js:1");
    };
    const { response, text } = await get("/anything", { extraRoutes: [broken] });
    expect([response.status, JSON.parse(text)]).toEqual([500, { detail: "Internal error" }]);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("lets routes of others follow its own", async () => {
    const page = (ctx: { path: string; body: unknown }, next: () => Promise<unknown>) => {
      if (ctx.path !== "/page") return next();
      ctx.body = "page";
      return undefined;
    };
    const { text } = await get("/page", { extraRoutes: [page] });
    expect(text).toBe("page");
  });
});
