import type { Middleware } from "koa";
import type { Registry } from "prom-client";

export interface Readiness {
  readonly ok: boolean;
  /** For a person, and without secrets: anybody may ask. */
  readonly reason?: string | undefined;
}

/** `/healthz`: the process is alive and its event loop turns. */
export function healthz(): Middleware {
  return (ctx) => {
    ctx.body = { status: "ok" };
  };
}

/** A probe that hangs is as bad as one that fails. */
const PROBE_DEADLINE_MS = 2_000;

/** `/readyz`: the store is reachable and has the right policy; 503 with the reason if not. */
export function readyz(ready: () => Promise<Readiness>): Middleware {
  return async (ctx) => {
    const { ok, reason } = await within(PROBE_DEADLINE_MS, ready());
    ctx.status = ok ? 200 : 503;
    ctx.body = ok ? { status: "ready" } : { status: "unready", reason: reason ?? "not ready" };
  };
}

/** `/metrics` in Prometheus' text format. */
export function metricsPage(registry: Registry): Middleware {
  return async (ctx) => {
    ctx.body = await registry.metrics();
    ctx.set("Content-Type", registry.contentType);
  };
}

async function within(ms: number, probe: Promise<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `no answer within ${ms} ms` }), ms);
  });
  try {
    return await Promise.race([probe, late]);
  } finally {
    clearTimeout(timer);
  }
}
